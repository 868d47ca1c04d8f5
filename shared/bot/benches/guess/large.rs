//! A base of a thousand entries with ten phrasings each, half of them Chinese: what may be done with fifty things in
//! twenty ways. It is as large as bases become, and no measure of understanding.

use std::fmt::Write as _;

use bot::knowledge::Source;

const THINGS: [(&str, &str); 50] = [
    ("台灯", "desk lamp"),
    ("吊灯", "ceiling light"),
    ("落地灯", "floor lamp"),
    ("灯泡", "bulb"),
    ("灯罩", "lampshade"),
    ("茶壶", "teapot"),
    ("茶杯", "teacup"),
    ("花瓶", "vase"),
    ("餐盘", "dinner plate"),
    ("汤碗", "soup bowl"),
    ("毛毯", "blanket"),
    ("枕头", "pillow"),
    ("床单", "bed sheet"),
    ("窗帘", "curtain"),
    ("地毯", "carpet"),
    ("书架", "bookshelf"),
    ("衣柜", "wardrobe"),
    ("餐桌", "dining table"),
    ("椅子", "chair"),
    ("沙发", "sofa"),
    ("镜子", "mirror"),
    ("挂钟", "wall clock"),
    ("相框", "picture frame"),
    ("蜡烛", "candle"),
    ("香薰", "diffuser"),
    ("水壶", "kettle"),
    ("炒锅", "wok"),
    ("菜刀", "kitchen knife"),
    ("砧板", "cutting board"),
    ("围裙", "apron"),
    ("雨伞", "umbrella"),
    ("背包", "backpack"),
    ("行李箱", "suitcase"),
    ("钱包", "wallet"),
    ("手套", "pair of gloves"),
    ("围巾", "scarf"),
    ("帽子", "hat"),
    ("毛衣", "sweater"),
    ("衬衫", "shirt"),
    ("皮鞋", "pair of shoes"),
    ("会员卡", "member card"),
    ("优惠券", "coupon"),
    ("发票", "invoice"),
    ("包裹", "parcel"),
    ("订单", "order"),
    ("账户", "account"),
    ("密码", "password"),
    ("地址", "address"),
    ("电话", "phone number"),
    ("预约", "appointment"),
];

const WAYS: [(&str, &str); 20] = [
    ("退掉", "return"),
    ("更换", "exchange"),
    ("修理", "repair"),
    ("清洗", "clean"),
    ("安装", "install"),
    ("取消", "cancel"),
    ("查询", "look up"),
    ("修改", "change"),
    ("赠送", "give away"),
    ("预订", "reserve"),
    ("保修", "get a warranty for"),
    ("付款买", "pay for"),
    ("运送", "ship"),
    ("包装", "wrap"),
    ("评价", "review"),
    ("投诉", "complain about"),
    ("定制", "customise"),
    ("保管", "store"),
    ("回收", "recycle"),
    ("比较", "compare"),
];

fn zh(way: &str, thing: &str) -> [String; 5] {
    [
        format!("怎么{way}{thing}"),
        format!("我想{way}一个{thing}"),
        format!("{thing}可以{way}吗"),
        format!("{way}{thing}要多久"),
        format!("请帮我{way}上次买的{thing}"),
    ]
}

fn en(way: &str, thing: &str) -> [String; 5] {
    [
        format!("how do I {way} a {thing}"),
        format!("I would like to {way} my {thing}"),
        format!("is it possible to {way} the {thing}"),
        format!("how long does it take to {way} a {thing}"),
        format!("please help me {way} the {thing} that I bought"),
    ]
}

/// Its files.
pub(crate) fn files() -> Vec<Source> {
    let base = "\
languages: [zh, en]
texts:
  unknown: {zh: 不知道, en: I do not know}
  handoff_offer_title: {zh: 转人工, en: Talk to a person}
  handoff_accepted: {zh: 马上来人, en: A person will come}
  greeting: {zh: 您好, en: Hello}
  unsupported: {zh: 看不懂, en: I cannot read this}
";
    let mut text = String::from("entries:\n");
    for (at, (thing_zh, thing)) in THINGS.iter().enumerate() {
        for (which, (way_zh, way)) in WAYS.iter().enumerate() {
            let (asked_zh, asked) = (zh(way_zh, thing_zh).join(", "), en(way, thing).join(", "));
            write!(
                text,
                "  - id: t{at}.w{which}\n    questions: {{zh: [{asked_zh}], en: [{asked}]}}\n    answer: {{zh: {way_zh}{thing_zh}请找我们, \
                 en: To {way} a {thing} write to us}}\n    title: {{zh: {way_zh}{thing_zh}, en: To {way} a {thing}}}\n"
            )
            .unwrap();
        }
    }
    [("base.yaml", base), ("all.yaml", &text)]
        .map(|(file, text)| Source { file: file.to_owned(), text: text.to_owned() })
        .into()
}

/// Questions that do not stand there.
pub(crate) fn questions() -> Vec<String> {
    let both = |((thing_zh, thing), (way_zh, way)): (&(&str, &str), &(&str, &str))| {
        [format!("你好，我的{thing_zh}现在还能{way_zh}吗？"), format!("hello, who can {way} this {thing} for me?")]
    };
    // Steps that meet every thing and every way.
    THINGS.iter().cycle().zip(WAYS.iter().cycle()).take(500).flat_map(both).collect()
}
