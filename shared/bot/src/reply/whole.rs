//! Messages that mean one thing as a whole and need no search: a greeting, the wish for a person, small talk.

use std::collections::HashMap;

use super::Talk;
use crate::knowledge::{PhraseLists, Phrases};
use crate::text::canonical;

/// What a whole message means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Greeting,
    Handoff,
    Talk(Talk),
}

/// The messages that mean something as a whole, by their gist.
#[derive(Debug)]
pub(super) struct WholeMessages(HashMap<String, Meaning>);

/// No longer message can be a mere wish or greeting, in characters.
const MAX_CHARS: usize = 60;

const GREETINGS: &str = "你好, 您好, 你好啊, 嗨, 哈喽, 哈啰, 在吗, 在不在, 在么, 有人吗, 有人在吗, 早, 早上好, 中午好, 下午好, 晚上好, \
    hi, hello, hey, hi there, hello there, good morning, good afternoon, good evening, anyone there";

const THANKS: &str = "谢谢, 谢谢你, 谢谢您, 谢谢你们, 谢谢啦, 多谢, 感谢, 非常感谢, 太感谢了, 谢了, 谢啦, 好的谢谢, 好谢谢, 好的谢谢你, 3q, thx, \
    thanks, thank you, thanks a lot, many thanks, thank you very much, thank you so much, thanks so much, ok thanks, okay thanks, \
    ok thank you, great thanks, thanks for your help, thank you for your help, ty, cheers";
const FAREWELLS: &str = "再见, 拜拜, 拜, 886, 回头见, 下次见, 晚安, 没事了, 没有了, 没别的了, 没有了谢谢, 不用了谢谢, 先这样, 就这样吧, bye, goodbye, \
    bye bye, bye for now, see you, see you later, good night, thats all, that is all, no thats all, nothing else, \
    no thank you thats all, have a nice day";
const PRAISE: &str = "真棒, 你真棒, 太棒了, 棒, 厉害, 真厉害, 你真厉害, 你真聪明, 你真好, 服务真好, 服务很好, 好评, 点赞, 赞, 666, great, awesome, \
    amazing, brilliant, excellent, perfect, well done, good job, good bot, nice, you are great, youre great, you rock, \
    very helpful, that was helpful, that helped";
const INSULTS: &str = "傻逼, 傻, 你傻, 傻子, 笨蛋, 你真笨, 太笨了, 蠢, 蠢货, 白痴, 垃圾, 真垃圾, 垃圾客服, 垃圾机器人, 破机器人, 滚, 滚蛋, 去死, 废物, 你是废物, \
    没用的东西, 骗子, 你们是骗子, 神经病, 有病吧, 脑残, 智障, 人工智障, 他妈的, 妈的, sb, idiot, you idiot, stupid, you are stupid, \
    youre stupid, stupid bot, dumb, dumb bot, useless, you are useless, youre useless, useless bot, this is useless, moron, \
    you moron, fuck you, fuck off, fuck, shut up, you suck, this sucks, piece of shit, bullshit, go to hell, screw you, \
    crook, thief, thieves, scammer, liar, cheater, asshole, bastard, scum, \
    骗人的, 坑人的, 王八蛋, 混蛋, 奸商, 黑店, 流氓, 人渣, 饭桶, 滚开";
const MACHINE: &str = "机器人, 你是机器人, 你是机器人吗, 是机器人吗, 是不是机器人, 你是不是机器人, 机器人吗, 你是人吗, 你是真人吗, 是真人吗, 你是人还是机器人, \
    是人工还是机器人, 你是人工吗, 是人工吗, 你是ai吗, 你是ai, 你是谁, are you a bot, are you a robot, are you a machine, are you human, \
    are you a human, are you a person, are you a real person, are you real, are you an ai, are you ai, is this a bot, \
    is this a robot, is this a human, is this a real person, am i talking to a bot, am i talking to a robot, \
    am i talking to a human, am i talking to a person, am i talking to a real person, who are you, bot, robot";

/// What is said around an insult. The longer ones come first.
const BEFORE_INSULTS: &str = "你们这帮, 你们这群, 你们这些, 你们就是, 你们都是, 你们真是, 你们全是, 你们, 你这个, 你就是, 你真是, 你, 这帮, 这群, 一群, 一帮, \
    都是, 就是, 真是, 全是, 是, 真的, 真, 太, 死, 臭, 大, you guys are, you people are, you are all, youre all, you are, youre, you all, \
    you guys, you people, you, bunch of, bunch, what, such, are, just, total, complete, fucking, bloody, damn, goddamn, \
    stupid, all, nothing but";
const AFTER_INSULTS: &str = "公司, 客服, 机器人, 东西, 啊, 吧, 呀, 了, company, people, bot, guys";

/// Who is asked for, and with which verbs (or none); English articles fall away.
const PEOPLE_ZH: &str =
    "人工, 人工客服, 人工服务, 人工坐席, 真人, 真人客服, 客服, 在线客服, 客服人员, 工作人员, 活人, 客服小姐姐";
const VERBS_ZH: &str = ", 转, 转接, 转到, 转给, 找, 联系, 联系一下, 接, 接通, 叫, 呼叫, 换, 和";
const PEOPLE_EN: &str = "agent, live agent, human, real human, human agent, human being, person, real person, live person, \
    representative, rep, operator, advisor, someone, somebody, staff, customer service, customer service agent, \
    support agent";
const VERBS_EN: &str = ", talk to, talk with, speak to, speak with, chat to, chat with, connect me to, connect me with, \
    connect to, transfer me to, transfer to, put me through to, get me, give me, contact, get, switch to, let me talk to";

/// What politeness puts before and after a wish. The longer ones come first.
const OPENINGS: &str = "能不能帮我, 我想要, 请帮我, 麻烦帮我, 可不可以, 能不能, 我需要, 帮我, 麻烦, 我要, 我想, 可以, 请问, 直接, 给我, \
    请, 要, could you please, can you please, i would like to, i want to, i need to, id like to, could i, could you, can i, \
    can you, may i, please, i want, i need, just, hi";
const CLOSINGS: &str = "可以吗, 谢谢, 一下, 好吗, 行吗, 在吗, 说话, 聊聊, 聊, 吗, 吧, 呢, 啊, 呀, 了, thank you, thanks, please, now, \
    asap, here";

impl WholeMessages {
    /// The base's own lists, and the bot's where the base has none.
    pub(super) fn new(lists: &PhraseLists) -> Self {
        let greetings = own(&lists.greeting).unwrap_or_else(|| members(GREETINGS).map(str::to_owned).collect());
        let wishes = own(&lists.handoff).unwrap_or_else(wishes);
        let greetings = greetings.iter().map(|phrase| (gist(phrase), Meaning::Greeting));
        let wishes = wishes.iter().map(|phrase| (gist(phrase), Meaning::Handoff));
        // A phrase of nothing but politeness would match any such message.
        let mut whole: HashMap<_, _> = greetings.chain(wishes).filter(|(gist, _)| !gist.is_empty()).collect();
        for (talk, list, usual) in [
            (Talk::Thanks, &lists.thanks, THANKS),
            (Talk::Bye, &lists.bye, FAREWELLS),
            (Talk::Praise, &lists.praise, PRAISE),
            (Talk::Insult, &lists.insult, INSULTS),
            (Talk::Machine, &lists.are_you_bot, MACHINE),
        ] {
            for phrase in own(list).unwrap_or_else(|| members(usual).map(str::to_owned).collect()) {
                // As it stands: what politeness leaves of thanks is nothing.
                whole.entry(canonical(&phrase)).or_insert(Meaning::Talk(talk));
            }
        }
        whole.remove("");
        Self(whole)
    }

    /// What a message means as a whole, if it is one of these.
    pub(super) fn meaning(&self, message: &str) -> Option<Meaning> {
        if message.chars().nth(MAX_CHARS).is_some() {
            return None;
        }
        let plain = canonical(message);
        let known = self.0.get(&plain).or_else(|| self.0.get(&gist(&plain))).copied();
        known.or_else(|| self.insult(&plain))
    }

    /// Whether nothing but an insult is left of a message without what is said around one.
    fn insult(&self, plain: &str) -> Option<Meaning> {
        let is_insult = |words: &str| {
            let one = words.strip_suffix('s').unwrap_or(words);
            [words, one].iter().any(|words| self.0.get(*words) == Some(&Meaning::Talk(Talk::Insult)))
        };
        let mut rest = plain;
        while !is_insult(rest) {
            let unarticled =
                rest.strip_prefix("a ").or_else(|| rest.strip_prefix("an ")).or_else(|| rest.strip_prefix("the "));
            rest = unarticled
                .or_else(|| {
                    members(BEFORE_INSULTS).find_map(|before| without(rest.strip_prefix(before)?, before, true))
                })
                .or_else(|| {
                    members(AFTER_INSULTS).find_map(|after| without(rest.strip_suffix(after)?, after, false))
                })?;
        }
        Some(Meaning::Talk(Talk::Insult))
    }
}

/// The members of a list, which may be empty words.
fn members(list: &'static str) -> impl Iterator<Item = &'static str> + Clone {
    list.split(',').map(str::trim)
}

/// A base's own list, if it has one.
fn own(lists: &Phrases) -> Option<Vec<String>> {
    (!lists.is_empty()).then(|| lists.values().flatten().cloned().collect())
}

/// Every way to wish for a person.
fn wishes() -> Vec<String> {
    let chinese = members(VERBS_ZH).flat_map(|verb| members(PEOPLE_ZH).map(move |who| format!("{verb}{who}")));
    let english = members(VERBS_EN).flat_map(|verb| members(PEOPLE_EN).map(move |who| format!("{verb} {who}")));
    chinese.chain(english).collect()
}

/// A message without its politeness and articles.
fn gist(message: &str) -> String {
    let plain = canonical(message);
    let mut rest = plain.as_str();
    while let Some(shorter) = members(OPENINGS)
        .find_map(|opening| without(rest.strip_prefix(opening)?, opening, true))
        .or_else(|| members(CLOSINGS).find_map(|closing| without(rest.strip_suffix(closing)?, closing, false)))
    {
        rest = shorter;
    }
    let words = rest.split(' ').filter(|word| !matches!(*word, "a" | "an" | "the" | "some"));
    words.collect::<Vec<_>>().join(" ")
}

/// What an affix leaves, unless that is nothing, or the affix is Latin and was only a part of a word.
fn without<'a>(rest: &'a str, affix: &str, before: bool) -> Option<&'a str> {
    let parted = if before { rest.starts_with(' ') } else { rest.ends_with(' ') };
    let rest = rest.trim();
    (!rest.is_empty() && (parted || !affix.is_ascii())).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Language;

    fn meaning(message: &str) -> Option<Meaning> {
        WholeMessages::new(&PhraseLists::default()).meaning(message)
    }

    #[test]
    fn asks_for_a_person() {
        for message in [
            "人工",
            "转人工",
            "转人工！",
            "轉人工",
            "請幫我轉接人工客服",
            "我要转人工客服",
            "请帮我转接人工",
            "能不能转人工",
            "真人客服在吗",
            "客服",
            "找客服",
            "人工客服谢谢",
            "给我转人工",
            "agent",
            "Human please",
            "I want to talk to a person",
            "can I speak to a human?",
            "I'd like to speak to someone",
            "Could I please talk to a real person",
            "talk to a person",
            "customer service",
            "REPRESENTATIVE!!!",
            "get me an agent now",
        ] {
            assert_eq!(meaning(message), Some(Meaning::Handoff), "{message}");
        }
    }

    #[test]
    fn greets() {
        for message in ["你好", "您好！", "在吗？", "Hello!", "hi", "Good morning", "hey 👋", "晚上好"] {
            assert_eq!(meaning(message), Some(Meaning::Greeting), "{message}");
        }
    }

    #[test]
    fn leaves_questions_to_the_search() {
        for message in [
            "",
            "。",
            "please",
            "人工客服几点上班",
            "客服电话是多少",
            "is the agent fee refundable",
            "hello, where is my order",
            "你好，怎么退货",
            "what hours are your agents there",
        ] {
            assert_eq!(meaning(message), None, "{message}");
        }
    }

    #[test]
    fn makes_small_talk() {
        for (message, talk) in [
            ("谢谢", Talk::Thanks),
            ("好的，谢谢！", Talk::Thanks),
            ("謝謝您", Talk::Thanks),
            ("谢谢你啊", Talk::Thanks),
            ("THANK YOU!!", Talk::Thanks),
            ("Thanks a lot 🙏", Talk::Thanks),
            ("再见", Talk::Bye),
            ("That's all, thanks", Talk::Bye),
            ("你真棒！", Talk::Praise),
            ("well done", Talk::Praise),
            ("垃圾机器人", Talk::Insult),
            ("You're useless", Talk::Insult),
            ("你们这帮骗子", Talk::Insult),
            ("你们真垃圾！", Talk::Insult),
            ("你们就是一群骗子", Talk::Insult),
            ("垃圾公司", Talk::Insult),
            ("you are a bunch of fucking idiots", Talk::Insult),
            ("What a bunch of crooks!", Talk::Insult),
            ("you people are thieves", Talk::Insult),
            ("你是机器人吗？", Talk::Machine),
            ("are you human?", Talk::Machine),
            ("Am I talking to a real person", Talk::Machine),
        ] {
            assert_eq!(meaning(message), Some(Meaning::Talk(talk)), "{message}");
        }
        for message in [
            "谢谢你们的运费险",
            "垃圾袋有货吗",
            "真丝的吗",
            "you guys are great at lamps",
            "what is such a bot",
            "太大了",
            "is the robot vacuum in stock",
            "great lamp, how do I return it",
            "好的",
        ] {
            assert_eq!(meaning(message), None, "{message}");
        }
    }

    #[test]
    fn a_base_can_bring_its_own_lists() {
        let lists = PhraseLists {
            handoff: Phrases::from([(Language::Zh, vec!["呼叫掌柜".to_owned()])]),
            insult: Phrases::from([(Language::En, vec!["you donkey".to_owned()])]),
            ..PhraseLists::default()
        };
        let whole = WholeMessages::new(&lists);
        assert_eq!(whole.meaning("请呼叫掌柜"), Some(Meaning::Handoff));
        assert_eq!(whole.meaning("转人工"), None);
        assert_eq!(whole.meaning("你好"), Some(Meaning::Greeting));
        assert_eq!(whole.meaning("You donkey!"), Some(Meaning::Talk(Talk::Insult)));
        assert_eq!(whole.meaning("idiot"), None);
    }
}
