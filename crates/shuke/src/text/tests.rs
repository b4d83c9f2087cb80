use base::{ShopId, Time};
use expect_test::{Expect, expect};
use perceive::order::Figures;

use super::*;

fn both(say: impl Fn(Lang) -> String, english: &Expect, chinese: &Expect) {
    english.assert_eq(&say(Lang::English));
    chinese.assert_eq(&say(Lang::Chinese));
}

fn done() -> Report {
    let figures = Figures {
        orders: 4_201,
        cancellations: 12,
        gross_minor: 1_234_567,
        refunded_minor: 45_600,
        adjusted_minor: -100,
    };
    Report {
        import: 3,
        rows_read: 12_345,
        rows_accepted: 12_000,
        rows_rejected: 5,
        rows_duplicate: 340,
        customers: 1_024,
        figures,
        rejects_file: Some("data/rejects/import-3-rejects.csv".to_owned()),
    }
}

#[test]
fn an_import_tells_what_came_of_it() {
    both(
        |lang| report(lang, &done(), (Currency::CNY, 1_234), false),
        &expect![[r#"
            Imported: 12,345 rows in 1,234 ms — 12,000 new, 340 known already, 5 rejected
              customers 1,024   orders 4,201   cancellations 12
              paid 12,345.67 CNY   refunded 456.00 CNY   adjusted -1.00 CNY   net 11,888.67 CNY
              rejected rows are listed in data/rejects/import-3-rejects.csv
              undo it with --undo 3
        "#]],
        &expect![[r#"
            已导入：共 12,345 行，用时 1,234 毫秒；新增 12,000 行，重复 340 行，有误 5 行
              客户 1,024   订单 4,201   退单 12
              支付金额 12,345.67 CNY   退款 456.00 CNY   调整 -1.00 CNY   净额 11,888.67 CNY
              有误的行没有导入，详见 data/rejects/import-3-rejects.csv
              如需撤销，请用 --undo 3
        "#]],
    );
    let none = Report::default();
    both(
        |lang| report(lang, &none, (Currency::CNY, 5), true),
        &expect![[r#"
        Preview, nothing was changed: 0 rows in 5 ms — 0 new, 0 known already, 0 rejected
          customers 0   orders 0   cancellations 0
          paid 0.00 CNY   refunded 0.00 CNY   adjusted 0.00 CNY   net 0.00 CNY
    "#]],
        &expect![[r#"
        预览，没有改动任何数据：共 0 行，用时 5 毫秒；新增 0 行，重复 0 行，有误 0 行
          客户 0   订单 0   退单 0
          支付金额 0.00 CNY   退款 0.00 CNY   调整 0.00 CNY   净额 0.00 CNY
    "#]],
    );
    let far = Progress { rows: 40_000, bytes_done: 1, bytes_total: 2 };
    both(
        |lang| progress(lang, &far, 20_000),
        &expect!["40,000 rows  20,000 rows/s"],
        &expect!["40,000 行  每秒 20,000 行"],
    );
}

#[test]
fn imports_are_listed() {
    let import = |number, state| Import {
        number,
        mapping: "taobao-orders".to_owned(),
        mapping_version: 1,
        mapping_print: None,
        state,
        actor: "operator".to_owned(),
        started_at: Time::from_micros(1_767_225_600_000_000),
        ended_at: None,
        rows_read: 12_345,
        rows_accepted: 1,
        rows_rejected: 2,
        rows_duplicate: 3,
        report: None,
        files: Vec::new(),
    };
    let list = [State::Running, State::Done, State::Undoing, State::Undone];
    let list: Vec<Import> = (1..).zip(list).map(|(number, state)| import(number, state)).collect();
    both(
        // A first line at the margin, because `expect!` takes away what all lines begin with.
        |lang| format!("$\n{}", imports(lang, &list, &Zone::named("Asia/Shanghai").unwrap())),
        &expect![[r#"
        $
           1  running  2026-01-01 08:00  taobao-orders          12,345 rows  
           2  done     2026-01-01 08:00  taobao-orders          12,345 rows  
           3  undoing  2026-01-01 08:00  taobao-orders          12,345 rows  
           4  undone   2026-01-01 08:00  taobao-orders          12,345 rows  
    "#]],
        &expect![[r#"
        $
           1  进行中      2026-01-01 08:00  taobao-orders          12,345 行  
           2  已完成      2026-01-01 08:00  taobao-orders          12,345 行  
           3  撤销中      2026-01-01 08:00  taobao-orders          12,345 行  
           4  已撤销      2026-01-01 08:00  taobao-orders          12,345 行  
    "#]],
    );
    both(
        |lang| imports(lang, &[], &Zone::named("Asia/Shanghai").unwrap()),
        &expect![[r#"
        no imports yet
    "#]],
        &expect![[r#"
        还没有导入过
    "#]],
    );
}

#[test]
fn strata_have_one_name() {
    let stratum = |code: &str, name_zh: &str, name_en: &str| {
        json!({
            "stratum": code, "name_zh": name_zh, "name_en": name_en, "customers": 1_024,
            "customer_share": 0.25, "net_minor": 123_456, "revenue_share": 0.5,
            "entered": 3, "left": 1,
        })
    };
    let report: rfm::Report = serde_json::from_value(json!({
        "as_of": "2026-11-22",
        "customers": 4_338,
        "cuts": {
            "r": ["2026-01-01", "2026-05-01", "2026-08-01", "2026-10-01"],
            "f": [1, 2, 3, 6],
            "m": [24_322, 47_528, 91_493, 201_891],
        },
        "matrix": [],
        "strata": [
            stratum("key_value", "重要价值客户", "Champions"),
            stratum("key_rescue", "重要挽留客户", "Big spenders to win back"),
        ],
        "top": [{"share": 0.1, "revenue_share": 0.4567}],
        "foretold": {
            "as_of": "2026-08-24", "customers": 4_000, "came_back": 800,
            "r": 0.71, "f": 0.68, "m": 0.6, "best": "r",
        },
    }))
    .expect("a report");
    both(
        |lang| rfm(lang, &report, Currency::CNY),
        &expect![[r#"
        RFM as of 2026-11-22: 4,338 customers
          cuts R 2026-01-01  2026-05-01  2026-08-01  2026-10-01
               F 1  2  3  6
               M 243.22 CNY  475.28 CNY  914.93 CNY  2,018.91 CNY

          Champions                    1,024   25.0 %          1,234.56 CNY   50.0 %  +3 −1
          Big spenders to win back     1,024   25.0 %          1,234.56 CNY   50.0 %  +3 −1
          the best 10 % of customers bring 45.7 %
          90 days ago R foretold best who would buy again (R 0.710  F 0.680  M 0.600)
    "#]],
        &expect![[r#"
        RFM，截至 2026-11-22：4,338 位客户
          分界 R 2026-01-01  2026-05-01  2026-08-01  2026-10-01
               F 1  2  3  6
               M 243.22 CNY  475.28 CNY  914.93 CNY  2,018.91 CNY

          重要价值客户     1,024   25.0 %          1,234.56 CNY   50.0 %  +3 −1
          重要挽留客户     1,024   25.0 %          1,234.56 CNY   50.0 %  +3 −1
          最好的 10 % 客户带来 45.7 % 的净额
          用 90 天前的数据看谁会再买，R 最准（R 0.710  F 0.680  M 0.600）
    "#]],
    );
}

#[test]
fn rules_are_told_when_they_are_not_the_usual_ones() {
    assert_eq!(rules(Lang::Chinese, &rfm::Setting::default()), "");
    let cuts = [1, 2, 3, 4];
    let own = rfm::Setting {
        fixed: Some(rfm::Fixed { r_days: cuts, f: cuts, m: cuts }),
        window_days: Some(1_095),
        ..rfm::Setting::default()
    };
    let other =
        rfm::Setting { recency: Recency::Payment, high: High::Mean, ..rfm::Setting::default() };
    both(
        |lang| format!("$\n{}{}", rules(lang, &own), rules(lang, &other)),
        &expect![[r#"
            $
              rules: the last 1,095 days count; cuts are the shop's own
              rules: recency is by payment; above the mean is high
        "#]],
        &expect![[r#"
            $
              口径：只计最近 1,095 天；分界由店铺设定
              口径：R 按付款时间计；高于平均值为高
        "#]],
    );
}

#[test]
fn merges_are_listed() {
    let at = Time::from_micros(1_767_225_600_000_000);
    let merge = |number, from, reason: &str, undone_at| Merge {
        number,
        from,
        into: 1,
        reason: reason.to_owned(),
        actor: "system".to_owned(),
        at,
        undone_at,
    };
    let list = [merge(12, 3, "pin", Some(at)), merge(7, -2, "link:phone", None)];
    let zone = Zone::named("Asia/Shanghai").expect("a zone");
    both(
        |lang| format!("$\n{}", merges(lang, &list, &zone)),
        &expect![[r#"
            $
              12  2026-01-01 08:00  3 → 1  a person decided  undone 2026-01-01 08:00
               7  2026-01-01 08:00  visitor 2 → 1  the same phone
        "#]],
        &expect![[r#"
            $
              12  2026-01-01 08:00  3 → 1  人工决定  已于 2026-01-01 08:00 撤销
               7  2026-01-01 08:00  访客 2 → 1  phone 相同
        "#]],
    );
    assert_eq!(merges(Lang::Chinese, &[], &zone), "没有合并过客户\n");
}

#[test]
fn answers_and_dead_facts_are_counted() {
    both(
        |lang| rows(lang, 0) + &rows(lang, 1) + &rows(lang, 2),
        &expect![[r#"
        (0 rows)
        (1 row)
        (2 rows)
    "#]],
        &expect![[r#"
        （共 0 行）
        （共 1 行）
        （共 2 行）
    "#]],
    );
    let fact = Dead {
        id: Vec::new(),
        shop: ShopId(1),
        reader: "fold".to_owned(),
        seq: 7,
        ordinal: 0,
        kind: "order".to_owned(),
        reason: "currency: \"X\" is not a number: is empty".to_owned(),
        died_at: Time::from_micros(1_767_225_600_000_000),
    };
    let shops = [Shop {
        id: ShopId(1),
        name: "s".to_owned(),
        currency: Currency::CNY,
        zone: Zone::named("Asia/Shanghai").unwrap(),
        language: "en".to_owned(),
        created_at: Time::from_micros(0),
    }];
    both(
        |lang| dead(lang, &[], &shops) + &dead(lang, std::slice::from_ref(&fact), &shops),
        &expect![[r#"
            nothing was set aside
            2026-01-01 08:00 s fold: order: currency: "X" is not a number: is empty
        "#]],
        &expect![[r#"
            没有未能入库的数据
            2026-01-01 08:00 s fold：order：货币：“X”不是数字：为空
        "#]],
    );
}

#[test]
fn a_refusal_is_a_line_and_a_hint() {
    let errors = [
        Error::missing("there is no shop \"茶舍\"").field("shop").hint("there are: a, b"),
        Error::new(Code::Unsupported, "is a picture, not a table")
            .field("photo.csv")
            .hint("export the table as CSV or XLSX"),
        Error::bad("there is no column nme").hint("did you mean name?"),
        Error::internal("the query could not be run", std::io::Error::other("all is lost")),
        Error::bad("the amount is too large").because("it is 9 figures"),
        Error::bad("something that nobody has translated"),
        Error::from(std::io::Error::from_raw_os_error(2)).field("nowhere.csv"),
        base::error::disk_full("full"),
    ];
    both(
        |lang| errors.iter().map(|error| refusal(lang, error)).collect(),
        &expect![[r#"
            shuke: shop: there is no shop "茶舍"
              → there are: a, b
            shuke: photo.csv: is a picture, not a table
              → export the table as CSV or XLSX
            shuke: there is no column nme
              → did you mean name?
            shuke: the query could not be run: all is lost
            shuke: the amount is too large
            shuke: something that nobody has translated
            shuke: nowhere.csv: No such file or directory (os error 2)
            shuke: no space left on the disk that holds the data
              → free some space and run the same command again; nothing acknowledged is lost
        "#]],
        &expect![[r#"
            shuke：店铺：没有名为“茶舍”的店铺
              → 现有：a、b
            shuke：photo.csv：这是图片，不是表格
              → 请把表格导出为 CSV 或 XLSX
            shuke：没有 nme 这一列
              → 是不是想用 name？
            shuke：查询没能运行：all is lost
            shuke：金额太大
            shuke：something that nobody has translated
            shuke：nowhere.csv：文件或文件夹不存在
            shuke：存放数据的磁盘已满
              → 腾出空间后重新运行同一条命令；已确认的数据不会丢失
        "#]],
    );
}
