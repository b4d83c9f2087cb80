//! What the page says, in both languages.

use base::{Currency, Money, Time, Zone};
use stratify::rfm::Report;

use crate::lang::Lang;

/// Amounts from here on, in whole units, are shown in 万 in Chinese.
const WAN_FROM: i128 = 100_000;
/// From here on, in 亿.
const YI_FROM: i128 = 100_000_000;

/// The words that stand on the page as they are.
pub(crate) struct Words {
    pub(crate) name: &'static str,
    pub(crate) language: &'static str,
    pub(crate) shops: &'static str,
    pub(crate) api: &'static str,
    pub(crate) no_shop: &'static str,
    pub(crate) no_shop_why: &'static str,
    pub(crate) choose: &'static str,
    pub(crate) empty: &'static str,
    pub(crate) next: &'static str,
    pub(crate) do_import: &'static str,
    pub(crate) do_key: &'static str,
    pub(crate) contents: &'static str,
    pub(crate) customers: &'static str,
    pub(crate) orders: &'static str,
    pub(crate) products: &'static str,
    pub(crate) events: &'static str,
    pub(crate) last_import: &'static str,
    pub(crate) last_event: &'static str,
    pub(crate) never: &'static str,
    pub(crate) aside: &'static str,
    pub(crate) aside_what: &'static str,
    pub(crate) matrix: &'static str,
    pub(crate) matrix_how: &'static str,
    pub(crate) no_buyers: &'static str,
    pub(crate) strata: &'static str,
    pub(crate) stratum: &'static str,
    pub(crate) people: &'static str,
    pub(crate) people_share: &'static str,
    pub(crate) money: &'static str,
    pub(crate) money_share: &'static str,
}

static CHINESE: Words = Words {
    name: "熟客 Shuke",
    language: "语言",
    shops: "店铺",
    api: "接口说明（OpenAPI）",
    no_shop: "还没有店铺",
    no_shop_why: "导入一份订单，这里就会显示店里有哪些客户、谁最值得维护。",
    choose: "可以看这些店铺：",
    empty: "店铺已经建好，还没有数据。",
    next: "接下来",
    do_import: "导入平台导出的订单报表：",
    do_key: "或者让网站、小程序直接上报：取得写入密钥，填进已经在用的 Segment 或 RudderStack 客户端。",
    contents: "店里有什么",
    customers: "客户",
    orders: "订单",
    products: "商品",
    events: "事件",
    last_import: "最近导入",
    last_event: "最近事件",
    never: "还没有",
    aside: "未能入库",
    aside_what: "用 shuke doctor 查看原因",
    matrix: "客户分布：最近购买 × 购买次数",
    matrix_how: "方块越大人越多，底色越鲜明净额越高；净额已扣退款。",
    no_buyers: "还没有人付过款，有了付款订单才能分层。",
    strata: "八类客群：人数占比与净额占比",
    stratum: "客群",
    people: "人数",
    people_share: "人数占比",
    money: "净额",
    money_share: "净额占比",
};

static ENGLISH: Words = Words {
    name: "Shuke",
    language: "Language",
    shops: "Shops",
    api: "API description (OpenAPI)",
    no_shop: "No shop yet",
    no_shop_why: "Import some orders, and this page shows who your customers are and which of them \
        matter most.",
    choose: "These shops are here:",
    empty: "The shop is set up. There is nothing in it yet.",
    next: "What to do next",
    do_import: "Import the order export of your platform:",
    do_key: "Or let your site or app send its events: get a write key and give it to the Segment \
        or RudderStack client you already use.",
    contents: "In this shop",
    customers: "Customers",
    orders: "Orders",
    products: "Products",
    events: "Events",
    last_import: "Last import",
    last_event: "Last event",
    never: "none yet",
    aside: "Set aside",
    aside_what: "shuke doctor shows why",
    matrix: "Customers by how recently and how often they buy",
    matrix_how: "The larger the square, the more people; the stronger the colour, the more net \
        revenue (after refunds).",
    no_buyers: "Nobody has paid yet. Customers fall into groups once there are paid orders.",
    strata: "Eight customer groups: share of people and share of revenue",
    stratum: "Group",
    people: "People",
    people_share: "Share of people",
    money: "Net revenue",
    money_share: "Share of revenue",
};

/// The words of a language.
pub(crate) fn words(lang: Lang) -> &'static Words {
    lang.pick(&CHINESE, &ENGLISH)
}

/// Commands that import a shop's orders, and that make its write key.
pub(crate) fn commands(lang: Lang, shop: Option<&str>) -> (String, String) {
    let (dir, file) = lang.pick(("目录", "订单报表.csv"), ("DIR", "orders.csv"));
    let shop = shop.map_or_else(|| lang.pick("店名", "NAME").to_owned(), quoted);
    let import = format!("shuke import --data {dir} --shop {shop} {file}");
    (import, format!("shuke key --data {dir} --shop {shop}"))
}

/// A name as a shell takes it.
fn quoted(name: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    match name.chars().all(plain) {
        true => name.to_owned(),
        false => format!("'{}'", name.replace('\'', "'\\''")),
    }
}

/// A number with its thousands set apart.
pub(crate) fn count(number: i64) -> String {
    let digits = base::money::thousands(number.unsigned_abs());
    if number < 0 { format!("−{digits}") } else { digits }
}

/// A number of people.
pub(crate) fn people(lang: Lang, number: i64) -> String {
    let noun = if number == 1 { "person" } else { "people" };
    lang.pick(format!("{} 人", count(number)), format!("{} {noun}", count(number)))
}

/// A share with one decimal.
pub(crate) fn share(share: f64) -> String {
    format!("{:.1}%", share * 100.0)
}

/// A time as the shop's clocks show it.
pub(crate) fn when(zone: &Zone, at: Time) -> String {
    zone.local(at).strftime("%Y-%m-%d %H:%M").to_string()
}

/// A shop that is not there.
pub(crate) fn unknown(lang: Lang, name: &str) -> String {
    lang.pick(format!("没有“{name}”这家店铺"), format!("There is no shop “{name}”"))
}

/// The day at whose end the figures are.
pub(crate) fn as_of(lang: Lang, day: &str) -> String {
    lang.pick(format!("截至 {day}，按店铺当地日期"), format!("As of {day}, the shop’s local date"))
}

/// What the ends of a scale mean.
pub(crate) fn end(lang: Lang, score: (char, usize)) -> &'static str {
    match score {
        ('R', 5) => lang.pick("最近买过", "most recent"),
        ('R', 1) => lang.pick("很久没买", "longest ago"),
        ('F', 5) => lang.pick("次数最多", "most often"),
        ('F', 1) => lang.pick("次数最少", "least often"),
        _ => "",
    }
}

/// Who the customers of a stratum are.
pub(crate) fn who(lang: Lang, stratum: &str) -> &'static str {
    match stratum {
        "key_value" => lang.pick("最近常买，花得多", "bought recently, buy often, spend much"),
        "key_develop" => {
            lang.pick("最近买过，次数少，花得多", "bought recently, seldom, spend much")
        }
        "key_retain" => lang.pick("以前常买，花得多，最近没来", "used to buy often and spend much"),
        "key_rescue" => lang.pick("花得多，次数少，很久没来", "spent much, seldom, long ago"),
        "value" => lang.pick("最近常买，花得少", "bought recently, buy often, spend little"),
        "develop" => lang.pick("最近买过，次数少，花得少", "bought recently, seldom, spend little"),
        "retain" => lang.pick("以前常买，花得少，最近没来", "used to buy often, spend little"),
        _ => lang.pick("花得少，次数少，很久没来", "spent little, seldom, long ago"),
    }
}

/// The shop in one sentence.
pub(crate) fn summary(lang: Lang, report: &Report, currency: Currency) -> String {
    let net: i64 = report.strata.iter().map(|row| row.net_minor).sum();
    let money = Amount::new(lang, net, currency).short;
    let buyers = count(report.customers);
    let Some(best) = report.strata.first() else { return String::new() };
    let (of_people, of_money) = (share(best.customer_share), share(best.revenue_share));
    lang.pick(
        format!(
            "{buyers} 位买家共带来净额 {money}。其中{}占人数的 {of_people}，占净额的 {of_money}。",
            best.name_zh
        ),
        format!(
            "{buyers} buyers have brought in {money} net. {} are {of_people} of them and account \
             for {of_money} of the money.",
            best.name_en
        ),
    )
}

/// An amount of money for people.
pub(crate) struct Amount {
    /// As it stands in a table.
    pub(crate) short: String,
    /// To the last minor unit.
    pub(crate) full: String,
}

impl Amount {
    /// An amount in minor units of `currency`.
    pub(crate) fn new(lang: Lang, minor: i64, currency: Currency) -> Self {
        let plain = Money { minor, currency }.to_string();
        let digits = plain.trim_end_matches(currency.code()).trim();
        let digits = digits.trim_start_matches(['-', '−']);
        let sign = if minor < 0 { "−" } else { "" };
        let symbol = symbol(currency);
        let full = format!("{sign}{symbol}{digits}");
        let unit = 10_i128.pow(currency.exponent());
        let whole = i128::from(minor).abs() / unit;
        let short = match (lang, whole) {
            (Lang::Chinese, YI_FROM..) => Some((100_000_000, "亿")),
            (Lang::Chinese, WAN_FROM..) => Some((10_000, "万")),
            _ => None,
        };
        let short = short.map_or_else(
            || full.clone(),
            |(size, name)| {
                // Hundredths, rounded half away from zero.
                let scale = unit * size;
                let hundredths = (i128::from(minor).abs() * 200 + scale) / (2 * scale);
                let head = u64::try_from(hundredths / 100).unwrap_or(u64::MAX);
                let (head, tail) = (base::money::thousands(head), hundredths % 100);
                format!("{sign}{symbol}{head}.{tail:02} {name}")
            },
        );
        Self { short, full }
    }
}

fn symbol(currency: Currency) -> String {
    match currency.code() {
        "CNY" => "¥".to_owned(),
        "USD" => "$".to_owned(),
        "GBP" => "£".to_owned(),
        "EUR" => "€".to_owned(),
        "BRL" => "R$".to_owned(),
        "HKD" => "HK$".to_owned(),
        code => format!("{code} "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_as_people_write_them() {
        let currency = |code: &str| code.parse().unwrap();
        for (minor, code, chinese, english) in [
            (1_234_560, "CNY", "¥12,345.60", "¥12,345.60"),
            (-10_050, "CNY", "−¥100.50", "−¥100.50"),
            (9_999_999, "CNY", "¥99,999.99", "¥99,999.99"),
            (10_000_000, "CNY", "¥10.00 万", "¥100,000.00"),
            (12_345_678_901, "CNY", "¥1.23 亿", "¥123,456,789.01"),
            (974_774_793, "GBP", "£974.77 万", "£9,747,747.93"),
            (-1_500_000, "JPY", "−JPY 150.00 万", "−JPY 1,500,000"),
        ] {
            let amount = |lang| Amount::new(lang, minor, currency(code));
            assert_eq!(amount(Lang::Chinese).short, chinese);
            assert_eq!(amount(Lang::English).short, english);
            assert_eq!(amount(Lang::Chinese).full, english);
        }
    }

    #[test]
    fn a_name_reaches_the_shell_as_it_is() {
        for (name, shown) in [("花店", "花店"), ("a b", "'a b'"), ("it's", "'it'\\''s'")] {
            assert_eq!(quoted(name), shown);
        }
    }

    #[test]
    fn counts_and_shares() {
        assert_eq!((count(-12_345), share(0.1234)), ("−12,345".to_owned(), "12.3%".to_owned()));
        assert_eq!(people(Lang::English, 1), "1 person");
        assert_eq!(people(Lang::Chinese, 1_000), "1,000 人");
    }
}
