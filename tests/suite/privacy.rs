//! Nothing personal is in the clear: not in the data folder, not in a table of the database, not in
//! what queries answer, not in what the program says.

use std::path::Path;

use shuke_tests::{Home, ask, dump, shuke_at, state};
use store::shop;

/// A mapping, a shop and a file of personal values; some rows are rejected because of them.
const FILES: &[(&str, &str, &str)] = &[
    (
        "customers",
        "s",
        "客户编号,姓名,手机号,邮箱,生日,地址,会员卡号,会员等级,标签,备注
public-1,张三丰秘密,13912345678,secret@example.com,1987-06-15,广东省深圳市秘密路77号,KA998877,秘密等级,秘密标签,秘密备注
public-2,李四光秘密,139秘密123,other-secret@example.com,,,,,,
public-3,,,邮箱秘密,,,,,,
public-4,,,,生日秘密,,,,,
",
    ),
    (
        "orders",
        "s",
        "订单号,客户编号,手机号,邮箱,商品编码,数量,单价,下单时间,订单状态,收货人,收货地址,联系手机
public-O1,public-1,13912345678,secret@example.com,s1,1,10.00,2025-03-01 10:00:00,已付款,\
收件秘密人,浙江省杭州市西湖区暗巷99号,13887654321
public-O2,id-secret@example.com,,,s1,1,10.00,2025-03-02 10:00:00,已付款,,,
public-O3,,,,s1,1,10.00,2025-03-02 10:00:00,已付款,无名秘密人,北京市海淀区无名路13号,13887650000
public-O4,public-1,13912345678,secret@example.com,s1,x,10.00,2025-03-01 10:00:00,已付款,\
收件秘密人,浙江省杭州市西湖区暗巷99号,13887654321
",
    ),
    (
        "reviews",
        "s",
        "评价ID,客户编号,商品编码,评分,标题,评价内容,评价时间
public-R1,public-1,s1,5,评价标题秘密,评价内容秘密,2025-03-05 10:00:00
public-R2,public-1,s1,9,评价标题秘密,评价内容秘密,2025-03-05 10:00:00
",
    ),
    (
        "chats",
        "s",
        "时间,客户编号,发送方,消息内容,主题
2025-03-01 09:00:00,public-1,买家,聊天内容秘密 13700001111,聊天主题秘密
明天,public-1,买家,聊天内容秘密 13700001111,聊天主题秘密
",
    ),
    (
        "complaints",
        "s",
        "投诉编号,投诉时间,客户编号,投诉内容,投诉原因
public-T1,2025-03-07 10:00:00,public-1,投诉内容秘密,投诉原因秘密
",
    ),
    (
        "favourites",
        "s",
        "收藏时间,手机号,商品编码
2025-03-01 08:00:00,13912345678,s1
",
    ),
    (
        "taobao-orders",
        "taobao",
        "订单编号,买家会员名,买家支付宝账号,买家应付货款,总金额,买家实际支付金额,订单状态,买家留言,收货人姓名,\
收货地址 ,联系手机,订单创建时间,宝贝标题 ,宝贝总数量,订单备注,发票抬头
public-B1,public-nick,alipay-secret@example.com,10.00,10.00,10.00,交易成功,留言秘密,收货秘密人,\
江苏省南京市玄武区密巷5号,'13666667777,2025-03-01 10:00:00,裙,1,卖家备注秘密,发票秘密公司
public-B2,public-nick,alipay-secret@example.com,10.00,10.00,10.00,交易成功,留言秘密,收货秘密人,\
江苏省南京市玄武区密巷5号,'13666667777,2025-02-31 10:00:00,裙,1,卖家备注秘密,发票秘密公司
",
    ),
];

/// What may be nowhere.
const SECRETS: [&str; 34] = [
    "评价标题秘密",
    "聊天主题秘密",
    "投诉原因秘密",
    "张三丰",
    "13912345678",
    "secret@example.com",
    "1987-06-15",
    "秘密路77号",
    "KA998877",
    "秘密等级",
    "秘密标签",
    "秘密备注",
    "李四光",
    "139秘密123",
    "邮箱秘密",
    "生日秘密",
    "收件秘密人",
    "暗巷99号",
    "13887654321",
    "无名秘密人",
    "无名路13号",
    "13887650000",
    "评价内容秘密",
    "聊天内容秘密",
    "13700001111",
    "投诉内容秘密",
    "留言秘密",
    "收货秘密人",
    "密巷5号",
    "13666667777",
    "卖家备注秘密",
    "发票秘密公司",
    "alipay-secret",
    "id-secret",
];
/// Of these, what the shop keeps, sealed.
const KEPT: [&str; 12] = [
    "张三丰秘密",
    "1987-06-15",
    "秘密路77号",
    "秘密等级",
    "秘密标签",
    "收件秘密人",
    "13887654321",
    "无名路13号",
    "评价内容秘密",
    "聊天内容秘密",
    "投诉内容秘密",
    "13666667777",
];
const TABLES: [&str; 5] = ["customers", "orders", "order_lines", "products", "events"];

fn assert_clean(bytes: &[u8], place: &str) {
    let text = String::from_utf8_lossy(bytes);
    let found: Vec<&str> = SECRETS.into_iter().filter(|secret| text.contains(secret)).collect();
    assert!(found.is_empty(), "{place} holds {found:?}");
}

/// Every file of a folder, by its name and its bytes; how many files hold what is public.
fn assert_clean_folder(dir: &Path, kind: &str) -> usize {
    let mut public = 0;
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        assert_clean(path.to_string_lossy().as_bytes(), kind);
        if path.is_dir() {
            public += assert_clean_folder(&path, kind);
        } else if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            assert_clean(&bytes, &format!("{kind}: {}", path.display()));
            public += usize::from(String::from_utf8_lossy(&bytes).contains("public-"));
        }
    }
    public
}

/// Runs a command that tells what it does, and looks at what it says; how much that was.
fn say(home: &Home, args: &[&str]) -> usize {
    let mut command = shuke_at(home);
    command.env("SHUKE_LOG", "debug").arg(args[0]).arg("--data").arg(home.dir.path());
    let output = command.args(&args[1..]).output().unwrap();
    let what = format!("{}: {args:?}", home.kind);
    assert_clean(&output.stdout, &format!("{what}: standard output"));
    assert_clean(&output.stderr, &format!("{what}: standard error"));
    assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
    output.stderr.len()
}

/// Has the program do everything it can do with the files.
fn work(home: &Home) {
    let folder = tempfile::tempdir().unwrap();
    let mut told = 0;
    for (mapping, shop, text) in FILES {
        let path = folder.path().join(format!("{mapping}.csv"));
        std::fs::write(&path, text).unwrap();
        let path = path.to_str().unwrap();
        let import = ["import", "--shop", shop, "--mapping", mapping, path];
        say(home, &[&import[..], &["--dry-run"]].concat());
        told += say(home, &import);
        say(home, &[&import[..], &["--json"]].concat());
    }
    assert!(told > 1_000, "{}: with SHUKE_LOG=debug it says what it does", home.kind);
    for shop in ["s", "taobao"] {
        for table in TABLES {
            say(home, &["query", "--shop", shop, "--json", &format!("select * from {table}")]);
        }
        say(home, &["import", "--shop", shop, "--list"]);
        say(home, &["rfm", "--shop", shop, "--save"]);
        say(home, &["identity", "--shop", shop]);
    }
    say(home, &["doctor"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_personal_value_is_anywhere_in_the_clear() {
    for home in Home::each().await {
        let kind = home.kind;
        work(&home);
        let folder = home.dir.path();
        let public = assert_clean_folder(folder, kind);
        let rejects = std::fs::read_dir(folder.join("rejects")).unwrap().count();
        assert!(public > 0 && rejects > 0, "{kind}: {public} files, {rejects} of rejects");
        let bytes = dump(&home.cx).await.unwrap();
        assert_clean(&bytes, &format!("{kind}: the database"));
        let text = String::from_utf8_lossy(&bytes).into_owned();
        for public in ["public-1", "public-O3", "public-nick", "public-B1"] {
            assert!(text.contains(public), "{kind}: {public}");
        }
        let mut kept = String::new();
        for name in ["s", "taobao"] {
            let cx = home.cx.of(shop::by_name(&home.cx, name).await.unwrap().id);
            for table in TABLES {
                let rows = ask(&cx, &home.lake, &format!("select * from {table}")).await.unwrap();
                assert_clean(rows.as_bytes(), &format!("{kind}: {table}"));
            }
            kept.push_str(&state(&cx, &home.lake).await.unwrap());
        }
        for secret in KEPT {
            assert!(kept.contains(secret), "{kind}: {secret} is kept, sealed");
        }
    }
}
