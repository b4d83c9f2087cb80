use super::*;
use std::collections::BTreeMap;

fn export(seed: u64, buyers: u32) -> Export {
    Export { seed, until: jiff::civil::date(2026, 11, 20), buyers }
}

/// The cells of each row; a quote that is doubled or a line break inside a cell is content.
fn cells(text: &str) -> Vec<Vec<String>> {
    let rows = text.strip_suffix("\"\r\n").expect("last line").split("\"\r\n\"");
    rows.map(|row| {
        let row = row.trim_start_matches('"');
        row.split("\",\"").map(|cell| cell.replace("\"\"", "\"")).collect()
    })
    .collect()
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let (one, rows) = export(7, 50).text().expect("text");
    let (same, _) = export(7, 50).text().expect("text");
    let (other, _) = export(8, 50).text().expect("text");
    assert_eq!(one, same);
    assert_ne!(one, other);
    assert_eq!(cells(&one).len(), rows + 1);
}

#[test]
fn the_report_has_the_platforms_shape() {
    let (text, _) = export(7, 200).text().expect("text");
    let rows = cells(&text);
    let header = rows.first().expect("header");
    assert_eq!(header, &HEADER);
    assert!(header.iter().any(|name| name == "收货地址 "));
    let column = |name: &str| header.iter().position(|header| header == name).expect("column");
    let mut styles = [0, 0];
    for row in &rows[1..] {
        assert_eq!(row.len(), HEADER.len());
        assert!(row[0].starts_with("=\"2600") && row[0].len() == 22, "{}", row[0]);
        assert!(row[column("联系手机")].starts_with("'199"));
        let created = &row[column("订单创建时间")];
        styles[usize::from(created.contains('/'))] += 1;
        let paid = &row[column("买家实际支付金额")];
        let done = row[column("订单状态")] == DONE;
        assert_eq!(paid != "0.00", done, "{row:?}");
    }
    assert!(styles.iter().all(|&count| count > rows.len() / 3), "{styles:?}");
    assert!(text.contains("\n不要放小票"));
    let (_, _, unmappable) = encoding_rs::GB18030.encode(&text);
    assert!(!unmappable);
}

#[test]
fn the_shop_has_regulars_strangers_and_peaks() {
    let (text, rows) = export(7, 3_000).text().expect("text");
    assert!((7_500..8_500).contains(&rows), "{rows}");
    let rows = cells(&text);
    let mut orders: BTreeMap<&str, usize> = BTreeMap::new();
    let mut statuses: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &rows[1..] {
        *orders.entry(&row[1]).or_default() += 1;
        *statuses.entry(&row[10]).or_default() += 1;
    }
    assert_eq!(orders.len(), 3_000);
    let once = orders.values().filter(|&&count| count == 1).count();
    assert!((1_500..2_200).contains(&once), "{once}");
    assert!(orders.values().any(|&count| count >= 20));
    assert_eq!(statuses.len(), 5, "{statuses:?}");
    let on = |day: &str| rows.iter().filter(|row| row[17].starts_with(day)).count();
    let peak = on("2025-11-11") + on("2025/11/11");
    let ordinary = on("2025-09-11") + on("2025/9/11");
    assert!(peak > 4 * ordinary, "{peak} {ordinary}");
}

#[test]
fn amounts_and_times_are_written_as_the_report_does() {
    assert_eq!(yuan(5), "0.05");
    assert_eq!(yuan(189_900), "1899.00");
    let at = jiff::civil::date(2026, 3, 5).at(8, 7, 9, 0);
    assert_eq!(moment(at, true), "2026-03-05 08:07:09");
    assert_eq!(moment(at, false), "2026/3/5 08:07");
}
