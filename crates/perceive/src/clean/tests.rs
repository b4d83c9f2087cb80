//! Tables of cases: what each cleaner reads, and what it refuses.

use base::{Date, Zone};
use proptest::prelude::*;

use super::mask::{Kind, mask};
use super::region::{Parts, region};
use super::when::Style;
use super::*;
use crate::record::Status;

fn minor(raw: &str) -> Option<i64> {
    number::amount(raw, false).ok().map(|amount| amount.to_scale(2).unwrap())
}

#[test]
fn cells_lose_the_dress_of_spreadsheets() {
    for (raw, clean) in [
        ("  a b ", "a b"),
        ("\u{3000}客户\u{A0}", "客户"),
        ("\u{FEFF}\u{200B}x\u{200B}y", "xy"),
        ("=\"2100000000000001853\"", "2100000000000001853"),
        ("'19990419975", "19990419975"),
        ("a\0b\u{7}", "ab"),
        ("第一行\n第二行", "第一行\n第二行"),
        ("👩\u{200D}👧", "👩\u{200D}👧"),
        ("=SUM(A1)", "=SUM(A1)"),
    ] {
        assert_eq!(text::cell(raw), clean, "{raw:?}");
    }
    for raw in ["", " ", "null", "'null", "NULL", "-", "无", "N/A", "=\"\""] {
        assert_eq!(text::given(raw), None, "{raw:?}");
    }
    assert!(text::given("无线耳机").is_some() && text::given("Null").is_some());
}

#[test]
fn amounts_are_read_exactly_or_refused() {
    for (raw, cents) in [
        ("2.55", 255),
        ("0元", 0),
        ("¥1,234.50", 123_450),
        ("￥１２３．４５", 12_345),
        ("(12.30)", -1230),
        ("-¥5", -500),
        ("¥-5", -500),
        ("1.2万", 1_200_000),
        ("无退款申请", 0),
        ("US$ 3.10", 310),
        ("12.5 CNY", 1250),
        ("1e2", 10_000),
        ("5e-1", 50),
        ("1,000,000", 100_000_000),
        ("-11062.06", -1_106_206),
        ("+7", 700),
    ] {
        assert_eq!(minor(raw), Some(cents), "{raw}");
    }
    for raw in [
        "",
        "一百元",
        "1,5",
        "1,23,456",
        "1.234,50",
        "12..5",
        "--5",
        "-(5)",
        "5%",
        "NaN",
        "1e99",
        "12345678901234567890",
        "99999999999999999万",
        "$",
        "元",
        "1 234",
    ] {
        assert_eq!(minor(raw), None, "{raw}");
    }
    let comma = |raw| number::amount(raw, true).map(|amount| amount.to_scale(2).unwrap());
    assert_eq!(comma("1.234,50"), Ok(123_450));
    assert_eq!(comma("1 234,5 €"), Ok(123_450));
    assert!(comma("12.50").is_err());
}

#[test]
fn ids_lose_what_a_spreadsheet_added_but_never_digits() {
    for (raw, id) in [
        ("17850.0", "17850"),
        ("17850.00", "17850"),
        ("85123A", "85123A"),
        ("15056E2", "15056E2"),
        ("1.5", "1.5"),
        ("0012", "0012"),
        ("C536379", "C536379"),
    ] {
        assert_eq!(number::id(raw), Ok(id), "{raw}");
    }
    assert!(number::id("2.1E+18").is_err() && number::id("2E+18").is_err());
    assert!(number::id(&"x".repeat(256)).is_err());
    assert_eq!(number::whole("2.0", false), Ok(2));
    assert_eq!(number::whole("3件", false), Ok(3));
    assert_eq!(number::whole("-1", false), Ok(-1));
    assert!(number::whole("1.5", false).is_err());
}

#[test]
fn shares_are_rounded_half_away_from_zero() {
    for (total, parts, share) in
        [(10, 4, 3), (-10, 4, -3), (10, -4, -3), (9, 4, 2), (100, 3, 33), (5, 0, 5), (0, 3, 0)]
    {
        assert_eq!(number::share(total, parts), share, "{total}/{parts}");
    }
}

#[test]
fn phones_become_e164() {
    for (raw, country, phone) in [
        ("19990419975", "CN", "+8619990419975"),
        ("+86 199-9041-9975", "CN", "+8619990419975"),
        ("0086 19990419975", "CN", "+8619990419975"),
        ("8619990419975", "CN", "+8619990419975"),
        ("１９９９０４１９９７５", "CN", "+8619990419975"),
        ("019990419975", "CN", "+8619990419975"),
        ("010-62345678", "CN", "+861062345678"),
        ("(0755) 8234 5678", "CN", "+8675582345678"),
        ("021-62345678转802", "CN", "+862162345678"),
        ("+44 (0)20 7946 0018", "CN", "+442079460018"),
        ("020 7946 0018", "GB", "+442079460018"),
        ("(555) 201-3456", "US", "+15552013456"),
        ("1 555 201 3456", "US", "+15552013456"),
        ("+852 2345 6789", "CN", "+85223456789"),
        ("+55 11 91234-5678", "BR", "+5511912345678"),
        ("11 91234-5678", "BR", "+5511912345678"),
        ("+999 1234567", "CN", "+9991234567"),
    ] {
        assert_eq!(phone::phone(raw, country).as_deref(), Ok(phone), "{raw}");
    }
    for raw in ["", "123", "12345678901", "null", "1999041997", "199904199755", "no phone", "+86 1"]
    {
        assert!(phone::phone(raw, "CN").is_err(), "{raw}");
    }
    assert!(phone::phone("123456", "ZZ").is_err());
}

#[test]
fn emails_are_lower_case_and_reachable() {
    for (raw, email) in [
        ("Anna.Example@Example.COM", "anna.example@example.com"),
        (" <a+b@x.co> ", "a+b@x.co"),
        ("ａ＠ｘ．ｃｎ", "a@x.cn"),
        ("客户@例子.中国", "客户@例子.中国"),
    ] {
        assert_eq!(email::email(raw).as_deref(), Ok(email), "{raw}");
    }
    for raw in
        ["", "a", "@x.cn", "a@", "a@x", "a b@x.cn", "a@@x.cn", "a@x..cn", "a@-x.cn", "a@1.2.3.4"]
    {
        assert!(email::email(raw).is_err(), "{raw}");
    }
}

fn place(country: Option<&str>, province: Option<&str>, city: Option<&str>) -> [Option<String>; 3] {
    let found = region(Parts { country, province, city, address: None }, Some("CN"));
    [found.country_code, found.province, found.city]
}

fn at(address: &str) -> [Option<String>; 3] {
    let parts = Parts { address: Some(address), ..Parts::default() };
    let found = region(parts, Some("CN"));
    [found.country_code, found.province, found.city]
}

fn some(texts: [&str; 3]) -> [Option<String>; 3] {
    texts.map(|text| (!text.is_empty()).then(|| text.to_owned()))
}

#[test]
fn every_spelling_of_a_division_is_one() {
    for name in ["广东", "广东省", "Guangdong", "guangdong province", "GD", "44", "440000", "CN-GD"]
    {
        assert_eq!(place(None, Some(name), None), some(["CN", "广东", ""]), "{name}");
    }
    for address in ["Guangdong", "广东", "广东省"] {
        assert_eq!(at(address), some(["CN", "广东", ""]), "{address}");
    }
    assert_eq!(at("Guangdong, Guangzhou"), some(["CN", "广东", "广州"]));
    assert_eq!(at("Henan Road 12"), some(["", "", ""]), "a street");
    for (province, city, result) in [
        ("广东省 广州市", "", ["CN", "广东", "广州"]),
        ("广东省广州市", "", ["CN", "广东", "广州"]),
        ("广东省", "广州市", ["CN", "广东", "广州"]),
        ("Guangdong", "Guangzhou", ["CN", "广东", "广州"]),
        ("", "440100", ["CN", "广东", "广州"]),
        ("Shaanxi", "Xi'an", ["CN", "陕西", "西安"]),
        ("Inner Mongolia", "Hohhot", ["CN", "内蒙古", "呼和浩特"]),
        ("Jiangsu", "Suzhou", ["CN", "江苏", "苏州"]),
        ("安徽", "Suzhou City", ["CN", "安徽", "宿州"]),
        ("吉林省", "延边朝鲜族自治州", ["CN", "吉林", "延边"]),
        ("新疆维吾尔自治区", "伊犁哈萨克自治州", ["CN", "新疆", "伊犁"]),
        ("北京市", "", ["CN", "北京", "北京"]),
        ("香港特别行政区", "", ["HK", "香港", "香港"]),
        ("台湾省", "台北市", ["TW", "台湾", "台北"]),
        ("浙江", "义乌市", ["CN", "浙江", "义乌"]),
    ] {
        let given = |text: &'static str| (!text.is_empty()).then_some(text);
        assert_eq!(place(None, given(province), given(city)), some(result), "{province} {city}");
    }
    assert_eq!(region::city("Suzhou", None), None, "two cities");
    assert_eq!(place(Some("US"), Some("SC"), Some("Columbia")), some(["US", "SC", "Columbia"]));
    assert_eq!(place(Some("中国"), Some("SC"), None), some(["CN", "四川", ""]));
}

#[test]
fn addresses_begin_with_their_divisions() {
    for (address, result) in [
        ("广东省 广州市 天河区 示例路1号", ["CN", "广东", "广州"]),
        ("广东省广州市天河区示例路1号", ["CN", "广东", "广州"]),
        ("上海 上海市 浦东新区 示例路708号", ["CN", "上海", "上海"]),
        ("内蒙古自治区 呼和浩特市 新城区", ["CN", "内蒙古", "呼和浩特"]),
        ("吉林省吉林市船营区", ["CN", "吉林", "吉林"]),
        ("吉林市船营区", ["CN", "吉林", "吉林"]),
        ("深圳市南山区", ["CN", "广东", "深圳"]),
        ("湖北省恩施土家族苗族自治州恩施市", ["CN", "湖北", "恩施"]),
        ("青海省 海南藏族自治州 共和县", ["CN", "青海", "海南"]),
        ("中山路1号", ["", "", ""]),
        ("somewhere", ["", "", ""]),
    ] {
        assert_eq!(at(address), some(result), "{address}");
    }
}

#[test]
fn countries_have_many_names() {
    for (name, code) in [
        ("United Kingdom", "GB"),
        ("UK", "GB"),
        ("EIRE", "IE"),
        ("RSA", "ZA"),
        ("USA", "US"),
        ("U.S.A.", "US"),
        ("中国", "CN"),
        ("德国", "DE"),
        ("BRA", "BR"),
        ("Hong Kong", "HK"),
        ("Czech Republic", "CZ"),
    ] {
        assert_eq!(region::country(name), Some(code), "{name}");
    }
    for name in ["Channel Islands", "European Community", "Unspecified", ""] {
        assert_eq!(region::country(name), None, "{name}");
    }
}

fn utc(raw: &str, style: Style) -> Option<String> {
    let shanghai = Zone::named("Asia/Shanghai").unwrap();
    when::time(raw, style, &shanghai).ok().map(|time| time.to_string())
}

#[test]
fn times_are_read_in_the_zone_of_the_source() {
    for (raw, time) in [
        ("2025-02-18 20:01:00", "2025-02-18T12:01:00Z"),
        ("2025-02-18T20:01:00", "2025-02-18T12:01:00Z"),
        ("2025/5/29 18:47", "2025-05-29T10:47:00Z"),
        ("2025-05-29", "2025-05-28T16:00:00Z"),
        ("20250529", "2025-05-28T16:00:00Z"),
        ("20250529184700", "2025-05-29T10:47:00Z"),
        ("2025年5月29日 18时47分", "2025-05-29T10:47:00Z"),
        ("2025年5月29日", "2025-05-28T16:00:00Z"),
        ("２０２５－０５－２９　１８：４７", "2025-05-29T10:47:00Z"),
        ("2025-05-29 下午6:47", "2025-05-29T10:47:00Z"),
        ("2025-05-29 06:47:05 PM", "2025-05-29T10:47:05Z"),
        ("2014-07-15 13:58:28 -0400", "2014-07-15T17:58:28Z"),
        ("2014-07-15T13:58:28.5Z", "2014-07-15T13:58:28.5Z"),
        ("2014-07-15T13:58:28+08:00", "2014-07-15T05:58:28Z"),
        ("Tue, 15 Jul 2014 13:58:28 GMT", "2014-07-15T13:58:28Z"),
        ("Jul 15, 2014 1:58 pm", "2014-07-15T05:58:00Z"),
        ("15-Jul-14", "2014-07-14T16:00:00Z"),
    ] {
        assert_eq!(utc(raw, Style::Auto).as_deref(), Some(time), "{raw}");
    }
    for raw in [
        "",
        "2024-13-45 99:00:00",
        "2023-02-29",
        "2024-01-01 25:00",
        "03/04/2025",
        "41000",
        "1735689600",
        "yesterday",
        "2024-01-01 10:00 CET",
        "1850-01-01",
        "2024-1",
        "2024-01-01x",
        "2024-01-01 13:00 AM",
    ] {
        assert_eq!(utc(raw, Style::Auto), None, "{raw}");
    }
    for (raw, style, time) in [
        ("03/04/2025", Style::DayFirst, "2025-04-02T16:00:00Z"),
        ("03/04/2025 10:00", Style::MonthFirst, "2025-03-04T02:00:00Z"),
        ("45658.5", Style::ExcelSerial, "2025-01-01T04:00:00Z"),
        ("1735689600", Style::EpochSeconds, "2025-01-01T00:00:00Z"),
        ("1735689600123", Style::EpochMillis, "2025-01-01T00:00:00.123Z"),
    ] {
        assert_eq!(utc(raw, style).as_deref(), Some(time), "{raw}");
    }
}

#[test]
fn birthdays_may_lack_their_year() {
    let zone = Zone::utc();
    let read = |raw| when::birthday(raw, Style::Auto, &zone);
    assert_eq!(read("1990-05-17").as_deref(), Ok("1990-05-17"));
    assert_eq!(read("5月17日").as_deref(), Ok("05-17"));
    assert_eq!(read("02-29").as_deref(), Ok("02-29"));
    assert!(read("13-40").is_err());
}

#[test]
fn words_mean_what_they_say() {
    let as_of: Date = "2026-05-16".parse().unwrap();
    assert_eq!(word::age_band_of("1991-05-17", as_of), Some("25-34"));
    assert_eq!(word::age_band_of("1991-05-16", as_of), Some("35-44"));
    assert_eq!(word::age_band_of("05-17", as_of), None);
    for (raw, band) in [
        ("25-34", "25-34"),
        ("25~34岁", "25-34"),
        ("65+", "65+"),
        ("65岁以上", "65+"),
        ("18岁以下", "0-17"),
        ("31", "25-34"),
        ("31岁", "25-34"),
    ] {
        assert_eq!(word::age_band(raw).as_deref(), Ok(band), "{raw}");
    }
    assert!(word::age_band("old").is_err() && word::age_band("999").is_err());
    assert_eq!(word::gender("女"), Ok(Some("female")));
    assert_eq!(word::gender("M"), Ok(Some("male")));
    assert_eq!(word::gender("未知"), Ok(None));
    assert!(word::gender("女男").is_err());
    assert_eq!(word::status("买家已付款，等待卖家发货"), Ok(Status::Paid));
    assert_eq!(word::status("Canceled"), Ok(Status::Closed));
    assert!(word::status("unclear").is_err());
    assert_eq!(word::truth("是"), Ok(true));
    assert_eq!(word::truth("FALSE"), Ok(false));
    assert_eq!(word::rating("★★★★☆"), Ok(4));
    assert_eq!(word::rating("好评"), Ok(5));
    assert!(word::rating("6").is_err());
    assert_eq!(word::speaker("客服"), Ok("agent"));
}

#[test]
fn personal_values_are_masked() {
    for (kind, value, masked) in [
        (Kind::Phone, "13812341234", "138****1234"),
        (Kind::Phone, "+8613812341234", "+86138****1234"),
        (Kind::Phone, "call me", "****"),
        (Kind::Email, "anna@b.com", "a***@b.com"),
        (Kind::Email, "anna", "****"),
        (Kind::Name, "张三丰", "张*"),
        (Kind::Account, "Leo390818", "Leo390818"),
        (Kind::Account, "leo@b.com", "l***@b.com"),
        (Kind::Account, "13812341234", "138****1234"),
        (Kind::Other, "示例路1号", "****"),
        (Kind::Plain, "2024-13-45", "2024-13-45"),
    ] {
        assert_eq!(mask(kind, value), masked, "{value}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(raw in "\\PC{0,40}|[0-9年月日:/ .+-]{0,24}|[0-9 ()+-]{0,20}") {
        let zone = Zone::utc();
        let clean = text::cell(&raw).into_owned();
        prop_assert!(clean.ends_with(text::cell(&clean).as_ref()) || clean.contains('='));
        let _ = (number::amount(&raw, false), number::amount(&raw, true), number::id(&raw));
        let _ = (number::whole(&raw, false), phone::phone(&raw, "US"), word::age_band(&raw));
        for style in [Style::Auto, Style::DayFirst, Style::ExcelSerial, Style::EpochMillis] {
            let _ = (when::time(&raw, style, &zone), when::birthday(&raw, style, &zone));
        }
        if let Ok(phone) = phone::phone(&raw, "CN") {
            prop_assert_eq!(phone::phone(&phone, "DE"), Ok(phone.clone()), "a clean phone stays");
        }
        if let Ok(email) = email::email(&raw) {
            prop_assert_eq!(email::email(&email), Ok(email.clone()), "a clean email stays");
        }
        let all = Some(raw.as_str());
        let parts = Parts { country: all, province: all, city: all, address: all };
        let _ = (region(parts, None), mask(Kind::Phone, &raw), mask(Kind::Email, &raw));
    }

    #[test]
    fn the_quick_reading_of_times_agrees_with_the_general_one(
        y in 1900..2200_i32, m in 0..14_i32, d in 0..33_i32, h in 0..26_i32, s in 0..62_i32,
    ) {
        let quick = when::moment(&format!("{y:04}-{m:02}-{d:02} {h:02}:30:{s:02}"), Style::Auto);
        let slow = when::moment(&format!("{y:04}/{m}/{d} {h}:30:{s:02}"), Style::Auto);
        prop_assert_eq!(quick, slow);
    }

    #[test]
    fn amounts_survive_being_written(cents in -99_999_999_999_i64..99_999_999_999) {
        let sign = if cents < 0 { "-" } else { "" };
        let (whole, part) = (cents.unsigned_abs() / 100, cents.unsigned_abs() % 100);
        prop_assert_eq!(minor(&format!("{sign}{whole}.{part:02}")), Some(cents));
        let grouped = base::money::thousands(whole);
        prop_assert_eq!(minor(&format!("{sign}¥{grouped}.{part:02}元")), Some(cents));
    }
}
