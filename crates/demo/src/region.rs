//! Where buyers live and what they are called.

use crate::draw::Draw;

/// A province with its weight and its larger cities.
type Province = (&'static str, u32, &'static [&'static str]);

/// Provinces by how many of a shop's buyers live there, in about thousandths.
const PROVINCES: [Province; 31] = [
    ("广东", 130, &["广州", "深圳", "佛山", "东莞", "珠海", "汕头"]),
    ("浙江", 100, &["杭州", "宁波", "温州", "金华", "嘉兴"]),
    ("江苏", 95, &["南京", "苏州", "无锡", "南通", "徐州"]),
    ("北京", 75, &["北京"]),
    ("山东", 70, &["济南", "青岛", "烟台", "潍坊", "临沂"]),
    ("上海", 65, &["上海"]),
    ("河南", 60, &["郑州", "洛阳", "南阳", "新乡"]),
    ("四川", 60, &["成都", "绵阳", "德阳", "南充"]),
    ("湖北", 50, &["武汉", "宜昌", "襄阳", "荆州"]),
    ("湖南", 42, &["长沙", "株洲", "衡阳", "岳阳"]),
    ("福建", 42, &["福州", "厦门", "泉州", "漳州"]),
    ("安徽", 40, &["合肥", "芜湖", "阜阳", "蚌埠"]),
    ("河北", 40, &["石家庄", "保定", "唐山", "廊坊"]),
    ("辽宁", 30, &["沈阳", "大连", "鞍山", "锦州"]),
    ("陕西", 28, &["西安", "咸阳", "宝鸡"]),
    ("重庆", 28, &["重庆"]),
    ("江西", 24, &["南昌", "赣州", "九江", "上饶"]),
    ("广西", 22, &["南宁", "柳州", "桂林"]),
    ("天津", 20, &["天津"]),
    ("云南", 18, &["昆明", "曲靖", "大理"]),
    ("山西", 16, &["太原", "大同", "运城"]),
    ("黑龙江", 14, &["哈尔滨", "大庆", "齐齐哈尔"]),
    ("贵州", 14, &["贵阳", "遵义"]),
    ("吉林", 12, &["长春", "吉林", "延边"]),
    ("内蒙古", 10, &["呼和浩特", "包头", "赤峰"]),
    ("海南", 8, &["海口", "三亚"]),
    ("甘肃", 8, &["兰州", "天水"]),
    ("新疆", 8, &["乌鲁木齐", "伊犁"]),
    ("宁夏", 3, &["银川"]),
    ("青海", 3, &["西宁"]),
    ("西藏", 1, &["拉萨"]),
];

/// Family names, the frequent ones first.
const SURNAMES: [&str; 40] = [
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林",
    "何", "郭", "马", "罗", "梁", "宋", "郑", "谢", "韩", "唐", "冯", "于", "董", "萧", "程", "曹",
    "袁", "邓", "许", "傅", "沈", "曾", "彭", "吕",
];

/// Given names of women.
const WOMEN: [&str; 30] = [
    "芳", "娜", "敏", "静", "丽", "艳", "娟", "霞", "婷", "雪", "慧", "莹", "欣怡", "梓涵", "雨桐",
    "思琪", "佳怡", "晓彤", "诗涵", "若曦", "梦瑶", "子萱", "雅婷", "美玲", "嘉欣", "语嫣", "可馨",
    "紫薇", "海燕", "丽华",
];

/// Given names of men.
const MEN: [&str; 20] = [
    "伟", "强", "磊", "军", "洋", "勇", "杰", "涛", "超", "浩然", "子轩", "宇航", "俊杰", "志强",
    "建国", "文博", "天宇", "晓明", "家豪", "明轩",
];

/// A province and one of its cities, of which the first is the most likely.
pub(crate) fn place(draw: &mut Draw) -> (&'static str, &'static str) {
    let at = draw.weighted(PROVINCES.iter().map(|province| province.1));
    let Some((province, _, cities)) = PROVINCES.get(at) else { return ("北京", "北京") };
    let city = draw.below(cities.len() as u64).min(draw.below(cities.len() as u64));
    (province, cities.get(city as usize).copied().unwrap_or(province))
}

/// A name.
pub(crate) fn name(woman: bool, draw: &mut Draw) -> (&'static str, &'static str) {
    let bound = SURNAMES.len() as u64;
    let at = draw.below(bound).min(draw.below(bound));
    let surname = SURNAMES.get(at as usize).copied().unwrap_or_default();
    (surname, if woman { draw.pick(&WOMEN) } else { draw.pick(&MEN) })
}
