//! What is said in the shop, and by what it is visited. All of it is made up.

/// A page of the shop.
#[derive(Debug)]
pub(crate) struct Page {
    /// Name.
    pub(crate) name: &'static str,
    /// Path.
    pub(crate) path: &'static str,
}

/// Pages on which a visit begins.
pub(crate) const PAGES: [Page; 5] = [
    Page { name: "首页", path: "/" },
    Page { name: "新品", path: "/new" },
    Page { name: "热卖", path: "/hot" },
    Page { name: "会员中心", path: "/member" },
    Page { name: "优惠", path: "/sale" },
];

/// Where a visit comes from.
#[derive(Debug)]
pub(crate) struct Campaign {
    /// Source.
    pub(crate) source: &'static str,
    /// Medium.
    pub(crate) medium: &'static str,
    /// Name.
    pub(crate) name: &'static str,
    /// The address that refers to the shop; empty when there is none.
    pub(crate) referrer: &'static str,
}

/// Advertisements, which bring those who do not know the shop yet.
pub(crate) const ADVERTS: [Campaign; 5] = [
    Campaign {
        source: "xiaohongshu",
        medium: "social",
        name: "种草笔记",
        referrer: "https://www.xiaohongshu.com/",
    },
    Campaign {
        source: "douyin",
        medium: "video",
        name: "直播引流",
        referrer: "https://www.douyin.com/",
    },
    Campaign {
        source: "baidu", medium: "cpc", name: "品牌词", referrer: "https://www.baidu.com/"
    },
    Campaign {
        source: "weibo",
        medium: "social",
        name: "话题合作",
        referrer: "https://weibo.com/",
    },
    Campaign { source: "wechat", medium: "ad", name: "朋友圈广告", referrer: "" },
];

/// Messages of the shop, which bring those back who know it.
pub(crate) const MESSAGES: [Campaign; 4] = [
    Campaign { source: "sms", medium: "message", name: "上新提醒", referrer: "" },
    Campaign { source: "wechat", medium: "message", name: "会员日", referrer: "" },
    Campaign { source: "sms", medium: "message", name: "优惠券到期", referrer: "" },
    Campaign { source: "edm", medium: "email", name: "每周精选", referrer: "" },
];

/// What phones call themselves.
pub(crate) const PHONES: [&str; 4] = [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 \
     Safari/604.1",
    "Mozilla/5.0 (Linux; Android 14; PJD110) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 \
     MicroMessenger/8.0.50",
    "Mozilla/5.0 (Linux; Android 13; V2244A) AppleWebKit/537.36 Chrome/116.0 Mobile Safari/537.36 \
     MicroMessenger/8.0.49",
];

/// What computers call themselves.
pub(crate) const COMPUTERS: [&str; 2] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/128.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.6 \
     Safari/605.1.15",
];

/// What is searched for.
pub(crate) const SEARCHES: [&str; 16] = [
    "连衣裙",
    "显瘦牛仔裤",
    "通勤衬衫",
    "羽绒服 短款",
    "真丝丝巾",
    "防晒",
    "补水面膜",
    "凉茶面膜",
    "隔离乳",
    "口红 豆沙色",
    "托特包",
    "纯棉睡衣",
    "小个子外套",
    "粉底液 持妆",
    "运动鞋 轻便",
    "生日礼物",
];

/// Who chats for the shop.
pub(crate) const AGENTS: [&str; 5] = ["小鹿", "小夏", "阿禾", "小满", "晚晚"];

/// A question, the answer, and what they are about.
#[derive(Debug)]
pub(crate) struct Exchange {
    /// Subject.
    pub(crate) topic: &'static str,
    /// The buyer's words.
    pub(crate) asked: &'static str,
    /// The shop's words.
    pub(crate) answered: &'static str,
}

const fn exchange(topic: &'static str, asked: &'static str, answered: &'static str) -> Exchange {
    Exchange { topic, asked, answered }
}

/// What is asked before an order.
pub(crate) const BEFORE: [Exchange; 10] = [
    exchange("尺码", "身高162体重52公斤，穿什么码合适？", "亲，建议您选M码，喜欢宽松可以选L码哦。"),
    exchange("尺码", "这款偏大还是偏小呀？", "亲，这款是正码，按平时的尺码拍就可以。"),
    exchange(
        "尺码",
        "平时穿38码鞋，这个要不要拍大一码？",
        "脚背偏高的话建议大一码，其他情况正常拍。",
    ),
    exchange("优惠券", "现在有优惠券可以领吗？", "有的亲，首页可以领满199减20的券。"),
    exchange("优惠券", "优惠券怎么用不了？", "这张券满299可用，再选一件就可以啦。"),
    exchange("优惠券", "下周会不会更便宜？", "大促价格一样的，现在拍有赠品，也支持价保。"),
    exchange("成分", "敏感肌可以用吗？", "可以的，建议先在耳后试用，没有不适再上脸。"),
    exchange("成分", "这个里面含酒精吗？", "亲，不含酒精和香精，孕期也请先咨询医生哦。"),
    exchange("库存", "白色什么时候补货？", "预计三天内到货，可以先收藏，到货会提醒您。"),
    exchange("材质", "会起球吗？能机洗吗？", "建议装洗衣袋轻柔洗，正常穿着不易起球。"),
];

/// What is asked once it is paid.
pub(crate) const AFTER: [Exchange; 8] = [
    exchange("发货", "什么时候发货？", "亲，48小时内会发出，我帮您备注加急。"),
    exchange("发货", "怎么还没有发货呀？", "非常抱歉，仓库正在打包，今天一定发出。"),
    exchange("物流", "快递两天没动了，帮我查一下。", "已经帮您催促快递，明天会有更新。"),
    exchange("物流", "可以发顺丰吗？", "可以的，补差价八元，我帮您备注。"),
    exchange("地址", "地址填错了能改吗？", "还没出库，请把新地址发我，马上帮您改。"),
    exchange("退换货", "穿着不合身，可以换小一码吗？", "可以的，七天内不影响二次销售都能换。"),
    exchange("退换货", "退货的运费谁出？", "这单有运费险，先垫付，退回后会赔付给您。"),
    exchange("发票", "能开发票吗？", "可以开电子发票，请把抬头和税号发给我。"),
];

/// What a complaint is about, and its words.
pub(crate) const COMPLAINTS: [(&str, &str); 4] = [
    ("质量", "衣服洗了一次就开线了，要求退款。"),
    ("物流", "显示已签收但我根本没有收到。"),
    ("描述不符", "颜色和图片差太多，客服还不给处理。"),
    ("服务", "问了三次都没有人回复，太失望了。"),
];

/// Reviews of what one wears: good, middling, bad.
pub(crate) const WORN: [&[&str]; 3] = [
    &[
        "质量很好，上身显瘦，会回购。",
        "面料舒服，做工也精细，很喜欢。",
        "颜色和图片一样，尺码正合适。",
        "穿上去同事都问链接，满意。",
        "物流很快，包装也用心，五星好评。",
        "性价比很高，已经买第二件了。",
    ],
    &["还可以，就是有一点线头。", "款式不错，面料比想象的薄一些。", "中规中矩，对得起这个价格。"],
    &["尺码偏小，穿不了，有点失望。", "有色差，和图片不太一样。", "洗了一次就起球了。"],
];

/// Reviews of what one puts on the skin: good, middling, bad.
pub(crate) const APPLIED: [&[&str]; 3] = [
    &[
        "很好吸收，用完皮肤水水的。",
        "味道清淡，不刺激，敏感肌也能用。",
        "用了一周，皮肤状态好了很多。",
        "一直在用这款，无限回购。",
        "质地轻薄不油腻，夏天用正好。",
        "正品，日期新鲜，赠品也很多。",
    ],
    &[
        "效果一般，还要再用一段时间看看。",
        "保湿还行，就是味道有点重。",
        "包装有点压坏，东西没问题。",
    ],
    &["用了有点过敏，不敢再用了。", "感觉没什么效果。", "收到的时候漏液了。"],
];
