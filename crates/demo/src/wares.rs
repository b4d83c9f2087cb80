//! What the shop sells: its categories, and the words that titles are made of.

/// A category.
#[derive(Debug)]
pub(crate) struct Category {
    /// Its path.
    pub(crate) name: &'static str,
    /// What its articles are called, with a qualifier each before and between brand and noun.
    pub(crate) noun: &'static str,
    /// Looks, materials or effects.
    pub(crate) looks: [&'static str; 5],
    /// Kinds of the noun.
    pub(crate) kinds: [&'static str; 4],
    /// Lowest and highest price in yuan.
    pub(crate) prices: (i64, i64),
    /// How often it is chosen.
    pub(crate) weight: u32,
    /// The same by season, from spring on, in hundredths.
    pub(crate) seasons: [u32; 4],
    /// The same by women and by men, in hundredths.
    pub(crate) genders: [u32; 2],
    /// Lines that are sent back, in thousandths.
    pub(crate) returned: u32,
}

/// Brands of clothes and what goes with them. They exist nowhere else.
pub(crate) const FASHION_BRANDS: [&str; 6] = ["栖禾", "慕初", "林间集", "浅杉", "織白", "南屿"];

/// Brands of cosmetics. They exist nowhere else.
pub(crate) const BEAUTY_BRANDS: [&str; 5] = ["沁颜坊", "花间月", "素肌研", "本草间", "澄露"];

/// Whether a category is cosmetics rather than something to wear.
pub(crate) fn is_beauty(category: &str) -> bool {
    category.starts_with('美') || category.starts_with('个')
}

/// The first product's article number is one more.
pub(crate) const SKU_BASE: usize = 1000;

const ALL_YEAR: [u32; 4] = [100; 4];
const WOMEN: [u32; 2] = [100, 12];
const MEN: [u32; 2] = [25, 900];
const BOTH: [u32; 2] = [100, 100];
const MOSTLY_WOMEN: [u32; 2] = [100, 25];

/// The categories.
pub(crate) const CATEGORIES: [Category; 25] = [
    Category {
        name: "女装 > 连衣裙",
        noun: "连衣裙",
        looks: ["法式", "碎花", "收腰", "气质", "复古"],
        kinds: ["雪纺", "棉麻", "缎面", "针织"],
        prices: (139, 499),
        weight: 10,
        seasons: [120, 160, 70, 50],
        genders: WOMEN,
        returned: 300,
    },
    Category {
        name: "女装 > T恤",
        noun: "T恤",
        looks: ["宽松", "修身", "百搭", "印花", "纯色"],
        kinds: ["短袖", "长袖", "V领", "圆领"],
        prices: (49, 159),
        weight: 8,
        seasons: [110, 170, 70, 40],
        genders: WOMEN,
        returned: 220,
    },
    Category {
        name: "女装 > 衬衫",
        noun: "衬衫",
        looks: ["通勤", "设计感", "条纹", "垂感", "简约"],
        kinds: ["长袖", "泡泡袖", "雪纺", "纯棉"],
        prices: (89, 269),
        weight: 6,
        seasons: [130, 90, 120, 60],
        genders: WOMEN,
        returned: 260,
    },
    Category {
        name: "女装 > 半身裙",
        noun: "半身裙",
        looks: ["高腰", "百褶", "显瘦", "复古", "A字"],
        kinds: ["短款", "中长款", "牛仔", "缎面"],
        prices: (79, 259),
        weight: 5,
        seasons: [120, 140, 90, 60],
        genders: WOMEN,
        returned: 280,
    },
    Category {
        name: "女装 > 牛仔裤",
        noun: "牛仔裤",
        looks: ["显高", "直筒", "阔腿", "高腰", "微喇"],
        kinds: ["薄款", "弹力", "九分", "加绒"],
        prices: (99, 299),
        weight: 6,
        seasons: [110, 70, 120, 100],
        genders: WOMEN,
        returned: 300,
    },
    Category {
        name: "女装 > 针织衫",
        noun: "针织衫",
        looks: ["慵懒", "软糯", "温柔", "撞色", "提花"],
        kinds: ["开衫", "套头", "羊毛", "马海毛"],
        prices: (99, 399),
        weight: 6,
        seasons: [90, 20, 160, 140],
        genders: WOMEN,
        returned: 240,
    },
    Category {
        name: "女装 > 外套",
        noun: "外套",
        looks: ["通勤", "休闲", "韩系", "廓形", "短款"],
        kinds: ["风衣", "西装", "夹克", "毛呢"],
        prices: (199, 799),
        weight: 5,
        seasons: [110, 10, 160, 130],
        genders: WOMEN,
        returned: 300,
    },
    Category {
        name: "女装 > 羽绒服",
        noun: "羽绒服",
        looks: ["轻薄", "加厚", "收腰", "面包", "极简"],
        kinds: ["短款", "中长款", "连帽", "立领"],
        prices: (399, 1299),
        weight: 4,
        seasons: [15, 5, 110, 280],
        genders: WOMEN,
        returned: 280,
    },
    Category {
        name: "男装 > T恤",
        noun: "男士T恤",
        looks: ["宽松", "重磅", "印花", "纯色", "速干"],
        kinds: ["短袖", "长袖", "圆领", "Polo"],
        prices: (59, 169),
        weight: 4,
        seasons: [110, 170, 70, 40],
        genders: MEN,
        returned: 120,
    },
    Category {
        name: "男装 > 夹克",
        noun: "男士夹克",
        looks: ["商务", "工装", "休闲", "机能", "复古"],
        kinds: ["立领", "连帽", "棉质", "皮质"],
        prices: (199, 699),
        weight: 3,
        seasons: [130, 10, 160, 100],
        genders: MEN,
        returned: 160,
    },
    Category {
        name: "男装 > 休闲裤",
        noun: "男士休闲裤",
        looks: ["直筒", "束脚", "宽松", "垂感", "商务"],
        kinds: ["薄款", "弹力", "九分", "加绒"],
        prices: (99, 299),
        weight: 3,
        seasons: [110, 90, 110, 90],
        genders: MEN,
        returned: 170,
    },
    Category {
        name: "鞋靴 > 运动鞋",
        noun: "运动鞋",
        looks: ["轻便", "厚底", "复古", "透气", "缓震"],
        kinds: ["跑步", "板鞋", "老爹", "休闲"],
        prices: (159, 599),
        weight: 4,
        seasons: [110, 90, 110, 90],
        genders: BOTH,
        returned: 200,
    },
    Category {
        name: "鞋靴 > 单鞋",
        noun: "单鞋",
        looks: ["软底", "通勤", "粗跟", "方头", "浅口"],
        kinds: ["玛丽珍", "乐福", "平底", "中跟"],
        prices: (129, 459),
        weight: 4,
        seasons: [130, 90, 110, 70],
        genders: WOMEN,
        returned: 240,
    },
    Category {
        name: "箱包 > 女包",
        noun: "女包",
        looks: ["小众", "通勤", "百搭", "复古", "大容量"],
        kinds: ["斜挎", "托特", "腋下", "链条"],
        prices: (139, 899),
        weight: 4,
        seasons: ALL_YEAR,
        genders: WOMEN,
        returned: 130,
    },
    Category {
        name: "配饰 > 项链",
        noun: "项链",
        looks: ["锁骨", "叠戴", "极简", "珍珠", "轻奢"],
        kinds: ["银质", "镀金", "玉石", "珐琅"],
        prices: (59, 399),
        weight: 3,
        seasons: ALL_YEAR,
        genders: MOSTLY_WOMEN,
        returned: 90,
    },
    Category {
        name: "配饰 > 丝巾",
        noun: "丝巾",
        looks: ["真丝", "印花", "复古", "撞色", "渐变"],
        kinds: ["小方巾", "长款", "发带", "披肩"],
        prices: (49, 259),
        weight: 2,
        seasons: [120, 60, 120, 110],
        genders: WOMEN,
        returned: 100,
    },
    Category {
        name: "内衣 > 睡衣",
        noun: "睡衣",
        looks: ["纯棉", "冰丝", "珊瑚绒", "法兰绒", "莫代尔"],
        kinds: ["短袖套装", "长袖套装", "睡裙", "家居服"],
        prices: (79, 259),
        weight: 4,
        seasons: [80, 110, 90, 130],
        genders: MOSTLY_WOMEN,
        returned: 90,
    },
    Category {
        name: "内衣 > 文胸",
        noun: "文胸",
        looks: ["无痕", "无钢圈", "聚拢", "薄款", "蕾丝"],
        kinds: ["背心式", "前扣", "固定杯", "运动"],
        prices: (59, 229),
        weight: 3,
        seasons: ALL_YEAR,
        genders: WOMEN,
        returned: 120,
    },
    Category {
        name: "美妆 > 口红",
        noun: "口红",
        looks: ["丝绒", "水光", "雾面", "滋润", "复古"],
        kinds: ["豆沙色", "正红色", "奶茶色", "梅子色"],
        prices: (59, 269),
        weight: 6,
        seasons: ALL_YEAR,
        genders: MOSTLY_WOMEN,
        returned: 40,
    },
    Category {
        name: "美妆 > 面膜",
        noun: "面膜",
        looks: ["玻尿酸", "烟酰胺", "修护", "提亮", "紧致"],
        kinds: ["十片装", "二十片装", "睡眠", "泥膜"],
        prices: (49, 199),
        weight: 6,
        seasons: ALL_YEAR,
        genders: MOSTLY_WOMEN,
        returned: 40,
    },
    Category {
        name: "美妆 > 精华",
        noun: "精华液",
        looks: ["抗初老", "美白", "修护", "紧致", "玻色因"],
        kinds: ["30ml", "50ml", "次抛", "双瓶装"],
        prices: (129, 699),
        weight: 5,
        seasons: ALL_YEAR,
        genders: MOSTLY_WOMEN,
        returned: 60,
    },
    Category {
        name: "美妆 > 粉底",
        noun: "粉底液",
        looks: ["持妆", "水润", "轻薄", "遮瑕", "养肤"],
        kinds: ["象牙白", "自然色", "气垫", "小样装"],
        prices: (89, 399),
        weight: 4,
        seasons: [100, 80, 110, 110],
        genders: WOMEN,
        returned: 70,
    },
    Category {
        name: "美妆 > 清凉去火",
        noun: "清凉护理",
        looks: ["凉茶", "薄荷", "金银花", "菊花", "芦荟"],
        kinds: ["面膜", "防晒喷雾", "冰丝眼罩", "凝胶"],
        prices: (39, 169),
        weight: 4,
        seasons: [105, 135, 95, 65],
        genders: BOTH,
        returned: 50,
    },
    Category {
        name: "美妆 > 保湿隔离",
        noun: "保湿护理",
        looks: ["神经酰胺", "角鲨烷", "透明质酸", "防护", "修护屏障"],
        kinds: ["隔离乳", "面霜", "保湿喷雾", "精华水"],
        prices: (69, 329),
        weight: 4,
        seasons: [100, 80, 105, 115],
        genders: BOTH,
        returned: 50,
    },
    Category {
        name: "个护 > 洗护",
        noun: "洗护套装",
        looks: ["控油", "柔顺", "蓬松", "留香", "去屑"],
        kinds: ["洗发水", "沐浴露", "护发素", "身体乳"],
        prices: (39, 159),
        weight: 4,
        seasons: ALL_YEAR,
        genders: BOTH,
        returned: 30,
    },
];
