//! A shop's two years of orders, made up, in the shape of the order report that Taobao exports.
//!
//! The shape is what real reports have: GB18030, every cell quoted, header cells with trailing
//! blanks, order numbers as `="…"`, an apostrophe before phones, two date styles, line breaks and
//! quotes inside cells, amounts with `元`. The content is invented: people, products and streets.
//! The same seed, last day and number of buyers give the same bytes on every machine, so chances
//! are whole numbers and the generator is our own.

use crate::proc::{About, Outcome};
use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use std::io::Write;
use std::path::Path;

/// Days that the report covers.
const DAYS: i64 = 730;

/// The report's columns; the blanks at the end of some are part of the name.
const HEADER: [&str; 41] = [
    "订单编号",
    "买家会员名",
    "买家支付宝账号",
    "买家应付货款",
    "买家应付邮费",
    "买家支付积分",
    "总金额",
    "返点积分",
    "买家实际支付金额",
    "买家实际支付积分",
    "订单状态",
    "买家留言",
    "收货人姓名",
    "收货地址 ",
    "运送方式",
    "联系电话 ",
    "联系手机",
    "订单创建时间",
    "订单付款时间 ",
    "宝贝标题 ",
    "宝贝种类 ",
    "物流单号 ",
    "物流公司",
    "订单备注",
    "宝贝总数量",
    "店铺Id",
    "店铺名称",
    "订单关闭原因",
    "卖家服务费",
    "买家服务费",
    "发票抬头",
    "是否手机订单",
    "分阶段订单信息",
    "特权订金订单id",
    "定金排名",
    "修改后的sku",
    "修改后的收货地址",
    "异常信息",
    "天猫卡券抵扣",
    "集分宝抵扣",
    "是否是O2O交易",
];

/// Titles and prices in cents.
const PRODUCTS: [(&str, u64); 14] = [
    ("手冲咖啡豆 云南日晒 250g", 6_800),
    ("挂耳咖啡 10包 尝鲜装", 3_990),
    ("桂花乌龙茶, 罐装 100g", 8_800),
    ("细口手冲壶 600ml", 15_900),
    ("陶瓷滤杯 \"小雪\" 附滤纸", 7_900),
    ("双层玻璃杯 两只装", 4_990),
    ("磨豆机 手摇 可调粗细", 26_800),
    ("半自动咖啡机 家用", 189_900),
    ("冷萃壶 1L", 9_900),
    ("燕麦奶 1L x6", 8_940),
    ("杯刷 3支", 1_280),
    ("礼盒 送长辈 茶与杯", 35_800),
    ("咖啡豆 年订 每月一袋", 69_900),
    ("密封罐 不锈钢", 4_550),
];

/// Provinces, cities and districts, with how often they order in a hundred.
const PLACES: [(&str, u64); 10] = [
    ("浙江省 杭州市 西湖区", 16),
    ("上海 上海市 徐汇区", 15),
    ("广东省 深圳市 南山区", 14),
    ("江苏省 苏州市 姑苏区", 12),
    ("北京 北京市 朝阳区", 12),
    ("四川省 成都市 武侯区", 10),
    ("湖北省 武汉市 洪山区", 8),
    ("福建省 厦门市 思明区", 6),
    ("广西壮族自治区 南宁市 青秀区", 4),
    ("新疆维吾尔自治区 乌鲁木齐市 天山区", 3),
];

const SURNAMES: [&str; 12] =
    ["林", "何", "苏", "沈", "陆", "顾", "叶", "江", "白", "秦", "温", "欧阳"];
const GIVEN: [&str; 12] =
    ["晓", "安", "子墨", "雨", "清", "明远", "可", "一诺", "文", "静怡", "川", "乐"];
const NICKS: [&str; 8] = ["阿布", "tb", "小鹿", "momo", "早起的猫", "sunny", "半夏", "K"];
const NOTES: [&str; 3] = ["请用顺丰, 谢谢", "送礼用, 包装\"好看\"一点\n不要放小票", "周末送到"];

/// Ways to buy: share in a thousand, chance of an order on an ordinary day in 100,000, and chance
/// in a thousand of never coming back after an order.
const HABITS: [(u64, u64, u64); 4] =
    [(500, 0, 1_000), (310, 390, 150), (150, 1_350, 60), (40, 3_900, 15)];

/// What to make.
pub(crate) struct Export {
    /// Another seed, another shop.
    pub(crate) seed: u64,
    /// Last day of the report.
    pub(crate) until: Date,
    /// How many people buy at least once.
    pub(crate) buyers: u32,
}

struct Order {
    at: DateTime,
    cells: Vec<String>,
}

impl Export {
    /// Writes the report and tells how many rows it has.
    pub(crate) fn write(&self, path: &Path) -> Outcome<usize> {
        let (text, rows) = self.text()?;
        let (bytes, _, _) = encoding_rs::GB18030.encode(&text);
        let mut file = std::fs::File::create(path).about(path.display())?;
        file.write_all(&bytes).about(path.display())?;
        Ok(rows)
    }

    /// The report and its number of rows, the newest order first as the platform has it.
    fn text(&self) -> Outcome<(String, usize)> {
        let mut dice = Dice(self.seed);
        let first = self.until.checked_sub((DAYS - 1).days()).about("the last day")?;
        let days = (0..DAYS).map(|day| first.checked_add(day.days()));
        let days: Vec<Date> = days.collect::<Result<_, _>>().about("the last day")?;
        let mut orders = Vec::new();
        for number in 0..self.buyers {
            self.buyer(number, &days, &mut dice, &mut orders);
        }
        orders.sort_by_key(|order| order.at);
        let mut text = row(HEADER.iter().copied());
        for (number, order) in orders.iter().enumerate().rev() {
            let id = 2_600_000_000_000_000_000 + number as u64 * 1_013 + 17;
            let id = format!("=\"{id}\"");
            text.push_str(&row(
                std::iter::once(id.as_str()).chain(order.cells.iter().map(|c| &**c))
            ));
        }
        Ok((text, orders.len()))
    }

    fn buyer(&self, number: u32, days: &[Date], dice: &mut Dice, orders: &mut Vec<Order>) {
        let person = Person::made(number, dice);
        let (_, chance, leaves) = *dice.weighted(&HABITS, |habit| habit.0);
        let mut known = false;
        // The day somebody first comes: busy days bring more strangers.
        let mut joins = dice.below(days.len() as u64) as usize;
        while dice.below(BUSIEST) >= rush(days.get(joins).copied()) {
            joins = dice.below(days.len() as u64) as usize;
        }
        for day in days.iter().skip(joins) {
            let comes = !known || dice.below(100_000) < chance * rush(Some(*day));
            if comes {
                known = true;
                let age = day.until(self.until).map_or(0, |span| span.get_days());
                orders.push(person.order(*day, age, dice));
                if dice.below(1_000) < leaves {
                    break;
                }
            }
        }
    }
}

/// The busiest day's [`rush`].
const BUSIEST: u64 = 9;

/// How many times as many people buy as on an ordinary day: 双11, 618 and the days before them.
fn rush(day: Option<Date>) -> u64 {
    match day.map(|day| (day.month(), day.day())) {
        Some((11, 11)) => BUSIEST,
        Some((6, 18)) => 7,
        Some((11, 8..=10) | (6, 16..=17) | (12, 12)) => 3,
        Some((11 | 6, 1..=20)) => 2,
        _ => 1,
    }
}

struct Person {
    nick: String,
    name: String,
    address: String,
    phone: String,
}

impl Person {
    fn made(number: u32, dice: &mut Dice) -> Self {
        let nick = format!("{}{}", dice.pick(&NICKS), 10_000 + u64::from(number) * 7);
        let name = format!("{}{}", dice.pick(&SURNAMES), dice.pick(&GIVEN));
        let (place, _) = dice.weighted(&PLACES, |place| place.1);
        let address = format!("{place} 示例路{}号", 1 + dice.below(999));
        // A range that no operator has given out.
        let phone = format!("'1990000{:04}", u64::from(number) % 10_000);
        Self { nick, name, address, phone }
    }

    /// Every cell of an order but its number.
    fn order(&self, day: Date, age: i32, dice: &mut Dice) -> Order {
        let (title, price) = *dice.pick(&PRODUCTS);
        let pieces = if price < 10_000 { 1 + dice.below(3) * dice.below(2) } else { 1 };
        let postage = *dice.pick(&[0, 0, 0, 800, 1_200]);
        let goods = price * pieces;
        let created = day.at(at_least(8, dice.below(16)), small(dice.below(60)), 0, 0);
        let seconds = i64::try_from(30 + dice.below(5_400)).unwrap_or_default();
        let paid = created.checked_add(seconds.seconds()).unwrap_or(created);
        let state = state(age, dice);
        let (is_paid, is_done) = (state.paid, state.status == DONE);
        let styled = dice.below(2) == 0;
        let waybill = format!("No:SL{:012}", dice.below(1_000_000_000_000));
        let note = if dice.below(5) == 0 { *dice.pick(&NOTES) } else { "" };
        let mobile = if dice.below(5) < 4 { "手机订单" } else { "" };
        let mut cells = vec![String::new(); HEADER.len() - 1];
        let mut set = |name: &str, value: String| {
            let column = HEADER.iter().skip(1).position(|header| header.trim_end() == name);
            if let Some(cell) = column.and_then(|column| cells.get_mut(column)) {
                *cell = value;
            }
        };
        for zero in ["买家支付积分", "返点积分", "买家实际支付积分", "店铺Id"] {
            set(zero, "0".to_owned());
        }
        for (name, value) in [
            ("买家会员名", self.nick.as_str()),
            ("订单状态", state.status),
            ("买家留言", note),
            ("收货人姓名", &self.name),
            ("收货地址", &self.address),
            ("运送方式", "快递"),
            ("联系电话", "'null"),
            ("联系手机", &self.phone),
            ("宝贝标题", title),
            ("宝贝种类", "1"),
            ("物流单号", if state.sent { &waybill } else { "" }),
            ("物流公司", if state.sent { "示例快递" } else { "" }),
            ("店铺名称", super::EXPORTED),
            ("订单关闭原因", state.closed),
            ("卖家服务费", "0元"),
            ("买家服务费", "0元"),
            ("是否手机订单", mobile),
        ] {
            set(name, value.to_owned());
        }
        set("买家应付货款", yuan(goods));
        set("买家应付邮费", yuan(postage));
        set("总金额", yuan(goods + postage));
        set("买家实际支付金额", yuan(if is_done { goods + postage } else { 0 }));
        set("宝贝总数量", pieces.to_string());
        set("订单创建时间", moment(created, styled));
        set("订单付款时间", if is_paid { moment(paid, styled) } else { String::new() });
        Order { at: created, cells }
    }
}

const DONE: &str = "交易成功";

struct State {
    status: &'static str,
    closed: &'static str,
    paid: bool,
    sent: bool,
}

/// How far an order has come that was placed `age` days before the report's last day.
fn state(age: i32, dice: &mut Dice) -> State {
    let open = "订单未关闭";
    let unpaid = dice.below(100) < 7;
    match (unpaid, age) {
        (true, ..=2) => {
            State { status: "等待买家付款", closed: open, paid: false, sent: false }
        }
        (true, _) => {
            let why = *dice.pick(&["买家未付款", "买家不想买了", "信息填写错误，重新拍"]);
            State { status: "交易关闭", closed: why, paid: false, sent: false }
        }
        (false, ..=1) => {
            State {
                status: "买家已付款，等待卖家发货", closed: open, paid: true, sent: false
            }
        }
        (false, 2..=9) => {
            State {
                status: "卖家已发货，等待买家确认", closed: open, paid: true, sent: true
            }
        }
        (false, _) if dice.below(100) < 3 => {
            State { status: "交易关闭", closed: "退款", paid: true, sent: true }
        }
        _ => State { status: DONE, closed: open, paid: true, sent: true },
    }
}

/// `12.50` from cents.
fn yuan(cents: u64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// One of the report's two ways to write a time; the second has no seconds.
fn moment(at: DateTime, with_seconds: bool) -> String {
    let style = if with_seconds { "%Y-%m-%d %H:%M:%S" } else { "%Y/%-m/%-d %H:%M" };
    at.strftime(style).to_string()
}

fn small(value: u64) -> i8 {
    i8::try_from(value).unwrap_or_default()
}

fn at_least(first: i8, value: u64) -> i8 {
    first + small(value)
}

/// A line of the report: every cell quoted, quotes inside doubled.
fn row<'a>(cells: impl Iterator<Item = &'a str>) -> String {
    let quoted = cells.map(|cell| format!("\"{}\"", cell.replace('"', "\"\"")));
    quoted.collect::<Vec<_>>().join(",") + "\r\n"
}

/// SplitMix64: the same numbers from the same seed, everywhere and for ever.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 to `bound` − 1; the bias of the remainder is far below what shows here.
    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        self.weighted(of, |_| 1)
    }

    /// One of `of`, which is not empty, each as often as its weight says.
    fn weighted<'a, T>(&mut self, of: &'a [T], weight: impl Fn(&T) -> u64) -> &'a T {
        let mut at = self.below(of.iter().map(&weight).sum());
        let mut chosen = of.iter().find(|one| {
            let here = at < weight(one);
            at = at.saturating_sub(weight(one));
            here
        });
        chosen.take().unwrap_or_else(|| unreachable!("below the sum of the weights"))
    }
}

#[cfg(test)]
mod tests;
