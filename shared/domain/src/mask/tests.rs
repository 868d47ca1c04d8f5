use proptest::prelude::*;

use super::*;

fn all(text: &str) -> String {
    mask(text, Personal::ALL)
}

#[test]
fn covers_personal_data_however_it_is_written() {
    for (text, covered) in [
        ("我的电话13812345678，尽快", "我的电话138****5678，尽快"),
        ("138 1234 5678", "138 **** 5678"),
        ("138-1234-5678", "138-****-5678"),
        ("+86 13812345678", "+86 138****5678"),
        ("+8613812345678", "+86138****5678"),
        ("0086-138-1234-5678", "0086-138-****-5678"),
        ("１３８１２３４５６７８", "１３８****５６７８"),
        ("13812345678 19987654321", "138****5678 199****4321"),
        ("身份证11010519491231002X", "身份证**************002X"),
        ("id 11010519491231002x.", "id **************002x."),
        ("440524188001010014", "**************0014"),
        ("卡号6222 0212 3456 7890 128", "卡号**** **** **** ***0 128"),
        ("4111111111111111", "************1111"),
        ("4111-1111-1111-1111", "****-****-****-1111"),
        ("378282246310005", "***********0005"),
        ("write to zhang.san+x@mail.example.com!", "write to z**********@mail.example.com!"),
        ("a@b.cn。", "*@b.cn。"),
        ("邮箱ｌｉ＠ｑｑ.com", "邮箱ｌ*＠ｑｑ.com"),
    ] {
        assert_eq!(all(text), covered, "{text}");
    }
}

#[test]
fn leaves_what_is_no_personal_data() {
    for text in [
        "",
        "订单 LP20261123001234 到哪了",
        "LP13812345678",
        "LP-13812345678",
        "order_13812345678",
        "13812345678A",
        "20261123138123456",
        "2026-11-23 12:30",
        "12812345678",
        "138123456789",
        "110105194912310021",
        "11010519491331002X",
        "4111111111111112",
        "2026112300000001",
        "400-000-0000",
        "010-62345678",
        "@home, see you @ 5",
        "user@localhost",
        "a@b.c1",
    ] {
        assert_eq!(all(text), text);
    }
}

#[test]
fn covers_only_what_is_asked_for() {
    let text = "13812345678 li@qq.com 4111111111111111 11010519491231002X";
    for (kind, covered) in [
        (Personal::Mobile, "138****5678 li@qq.com 4111111111111111 11010519491231002X"),
        (Personal::Email, "13812345678 l*@qq.com 4111111111111111 11010519491231002X"),
        (Personal::BankCard, "13812345678 li@qq.com ************1111 11010519491231002X"),
        (Personal::IdCard, "13812345678 li@qq.com 4111111111111111 **************002X"),
    ] {
        assert_eq!(mask(text, &[kind]), covered, "{}", kind.name());
    }
    assert_eq!(mask(text, &[]), text);
}

proptest! {
    #[test]
    fn covering_twice_changes_nothing(text in "[0-9xX @.a-z*+１２-]{0,60}") {
        let once = all(&text);
        prop_assert_eq!(all(&once), once.clone());
        prop_assert_eq!(once.chars().count(), text.chars().count());
    }

    #[test]
    fn any_text_can_be_covered(text in any::<String>()) {
        prop_assert_eq!(all(&text).chars().count(), text.chars().count());
    }

    #[test]
    fn every_mobile_is_covered(number in "1[3-9][0-9]{9}", before in "(电话|tel: |，)?", after in "(。|,| ok)?") {
        let covered = all(&format!("{before}{number}{after}"));
        prop_assert!(!covered.contains(&number) && covered.contains("****"));
    }

    #[test]
    fn order_numbers_stay(
        letters in "[A-Z]{1,4}-?", dated in "20[2-9][0-9](0[1-9]|1[0-2])(0[1-9]|[12][0-9])[0-9]{1,6}", long in "[0-9]{6,24}",
    ) {
        for number in [format!("{letters}{long}"), dated.clone(), format!("订单{dated}到哪了")] {
            prop_assert_eq!(all(&number), number.clone());
        }
    }

    #[test]
    fn short_and_very_long_numbers_stay(number in "[0-9]{1,10}|[0-9]{20,40}") {
        prop_assert_eq!(all(&number), number);
    }
}
