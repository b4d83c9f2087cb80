use expect_test::{Expect, expect};

use super::*;

fn args(line: &str) -> Vec<OsString> {
    line.split(' ').map(OsString::from).collect()
}

/// The commands where there is no configuration file.
fn own(lang: Lang) -> Command {
    command(lang, &File::default()).expect("nothing is wrong")
}

fn check_help(lang: Lang, line: &str, expected: &Expect) {
    let error = own(lang).try_get_matches_from(args(line)).expect_err("help");
    expected.assert_eq(&marked(lang, error.render().to_string()));
}

/// Every command with its arguments, and what clap adds to them.
fn commands() -> Vec<Command> {
    let root = root();
    std::iter::once(root.clone()).chain(root.get_subcommands().cloned()).collect()
}

#[test]
fn every_command_and_option_has_a_help_in_both_languages() {
    let help: Help = serde_json::from_str(include_str!("../text/help.json")).expect("it is JSON");
    let mut used: Vec<String> = Vec::new();
    for command in commands() {
        let about = command.get_about().expect("a command says what it does").to_string();
        assert!(help.texts.contains_key(&about), "{about}");
        used.push(about);
        for arg in command.get_arguments() {
            let text = arg.get_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.texts.contains_key(&text), "{}: {text:?}", arg.get_id());
            used.push(text);
            let names = arg.get_value_names().unwrap_or_default();
            for name in names.iter().filter(|_| arg.get_action().takes_values()) {
                assert!(help.names.contains_key(name.as_str()), "{}: {name}", arg.get_id());
                used.push(name.to_string());
            }
        }
    }
    used.extend(config::ENVIRONMENT.map(|(_, text)| text.to_owned()));
    for known in help.texts.keys().chain(help.names.keys()) {
        assert!(used.contains(known), "nothing says {known:?} any more");
    }
}

#[test]
fn no_english_is_left_in_chinese_help() {
    let help: Help = serde_json::from_str(include_str!("../text/help.json")).expect("it is JSON");
    let names = root().get_subcommands().map(|one| format!(" {}", one.get_name())).collect();
    for name in [vec![String::new()], names].concat() {
        let line = format!("shuke{name} --help");
        let error = own(Lang::Chinese).try_get_matches_from(args(&line)).expect_err("help");
        let text = marked(Lang::Chinese, error.render().to_string());
        let english = |words: &str| words.len() > 3 && text.contains(words);
        let left = help.texts.keys().chain(help.marks.keys()).find(|words| english(words));
        assert_eq!(left, None, "{text}");
        let error = own(Lang::English).try_get_matches_from(args(&line)).expect_err("help");
        assert!(error.render().to_string().is_ascii(), "{line}");
    }
}

#[test]
fn help_is_english() {
    check_help(
        Lang::English,
        "shuke --help",
        &expect![[r#"
            Shuke: a customer engine for online shops

            Usage: shuke [OPTIONS] <COMMAND>

            Commands:
              import    Import a shop's files, list imports, or undo one
              rfm       Sort customers by how recently, how often and how much they buy
              identity  Show who was merged with whom, and decide who is one person and who is not
              segment   Find the customers that conditions mean
              query     Query the data in SQL, read-only
              key       Show or make a shop's keys, to write events and to read
              user      Show who signs in, or make a link for a new password
              audit     Follow the audit log's chains and say whether they hold
              plan      Show or change what a shop expects of its events
              serve     Take events in, keep figures fresh, and do what other commands ask
              demo      Make up a shop with two years of customers and orders, and serve it
              backup    Copy everything into a folder, also while the shop is served
              restore   Make a data folder out of a backup
              rotate    Have new keys take the place of old ones, also while the shop is served
              quota     Show or set how much a shop may have
              migrate   Upgrade the data to this version of Shuke
              doctor    Check the data for problems
              config    Show every setting, its value, and where that comes from

            Options:
                  --config <FILE>            Configuration in TOML; see `shuke config`
                  --lang <zh-CN|en>          Language of the output; the system's if left out
                  --log <LEVEL>              Level of the log, such as warn, or warn,shuke=info
                  --log-format <human|json>  Form of the log: lines, or JSON
                  --otlp <URL>               OpenTelemetry collector for traces, such as http://127.0.0.1:4318
              -h, --help                     Print help
              -V, --version                  Print version
        "#]],
    );
    check_help(
        Lang::English,
        "shuke doctor --help",
        &expect![[r#"
            Check the data for problems

            Usage: shuke doctor [OPTIONS] --data <DIR>

            Options:
                  --data <DIR>               Data folder; created if missing [env: SHUKE_DATA_DIR]
                  --database <URL>           A PostgreSQL database in place of SQLite: postgres://user@host:5432/name [env: SHUKE_DATABASE]
                  --key-file <FILE>          File of the master key; else the folder's master.key
                  --replay                   Try again to take in what was set aside
                  --config <FILE>            Configuration in TOML; see `shuke config`
                  --lang <zh-CN|en>          Language of the output; the system's if left out
                  --log <LEVEL>              Level of the log, such as warn, or warn,shuke=info
                  --log-format <human|json>  Form of the log: lines, or JSON
                  --otlp <URL>               OpenTelemetry collector for traces, such as http://127.0.0.1:4318
              -h, --help                     Print help
        "#]],
    );
}

#[test]
fn the_demo_shop_is_explained_in_both_languages() {
    let shown = |lang: Lang| {
        let help = own(lang).try_get_matches_from(args("shuke demo --help"));
        marked(lang, help.expect_err("help").render().to_string())
    };
    for (lang, lines) in [
        (
            Lang::English,
            [
                "Make up a shop with two years of customers and orders, and serve it",
                "People of the shop, those among them who only look around",
                "Another seed makes another shop; 7 if left out",
            ],
        ),
        (
            Lang::Chinese,
            [
                "生成一家有两年数据的示例店，并启动服务",
                "店铺的人数，包括只逛不留名的访客；不写则为 20000",
                "种子，换一个就是另一家店；不写则为 7",
            ],
        ),
    ] {
        let help = shown(lang);
        for line in lines {
            assert!(help.contains(line), "{line}: {help}");
        }
    }
}

#[test]
fn help_is_chinese() {
    check_help(
        Lang::Chinese,
        "shuke --help",
        &expect![[r#"
            熟客：网店的客户引擎

            用法：shuke [选项] <命令>

            命令：
              import    导入店铺的文件，查看或撤销导入
              rfm       按最近购买、购买次数和金额给客户分层
              identity  查看客户的合并记录，决定哪些是同一人、哪些不是
              segment   按条件查找客户
              query     用 SQL 查询；只读，不会改动数据
              key       查看或新建店铺的密钥，用于写入事件或读取数据
              user      查看可以登录的人，或生成重设密码的链接
              audit     检查操作日志的哈希链是否完整
              plan      查看或修改店铺的埋点方案（对事件属性的要求）
              serve     接收事件，保持数据最新，并执行其他进程发来的命令
              demo      生成一家有两年数据的示例店，并启动服务
              backup    把全部数据复制到一个目录，服务运行时也可以
              restore   用备份恢复出一个数据目录
              rotate    更换密钥，服务期间也可以做
              quota     查看或设置店铺的配额
              migrate   把数据升级到本程序的格式
              doctor    检查数据有没有问题
              config    查看每一项配置的值和来源

            选项：
                  --config <文件>              TOML 配置文件，见 `shuke config`
                  --lang <zh-CN|en>          输出所用的语言；默认跟随系统
                  --log <级别>                 日志级别，例如 warn，或 warn,shuke=info
                  --log-format <human|json>  日志格式：文本行或 JSON
                  --otlp <地址>                接收链路追踪的 OpenTelemetry 收集器，例如 http://127.0.0.1:4318
              -h, --help                     显示帮助
              -V, --version                  显示版本
        "#]],
    );
}

#[test]
fn help_of_options_is_chinese() {
    check_help(
        Lang::Chinese,
        "shuke rfm --help",
        &expect![[r#"
            按最近购买、购买次数和金额给客户分层

            用法：shuke rfm [选项] --data <目录> --shop <名称>

            选项：
                  --data <目录>
                      数据文件夹；没有就新建 [环境变量：SHUKE_DATA_DIR]
                  --database <地址>
                      用 PostgreSQL 代替 SQLite：postgres://用户@主机:5432/库名 [环境变量：SHUKE_DATABASE]
                  --key-file <文件>
                      主密钥文件；不写就用数据文件夹里的 master.key
                  --shop <名称>
                      店名
                  --as-of <日期>
                      截至当地这一天结束；之后的数据不计
                  --recency <order|payment|visit>
                      R 从哪里算起：最近一次付款订单的拍下时间、付款时间，或最近一次来访
                  --high <score|mean>
                      怎样算高：4 分及以上，或高于平均值
                  --window <天数>
                      只计最近这么多天；0 表示不限
                  --r-cuts <天数>
                      R 的四个分界（天数），例如 30,90,180,365；须与 --f-cuts、--m-cuts 同用
                  --f-cuts <单数>
                      F 的四个分界（付款订单数），例如 1,2,3,6
                  --m-cuts <金额>
                      M 的四个分界（净额，以店铺货币计），例如 100,300,600,1000
                  --quantiles
                      不再用店铺设定的分界，改回按分位数划分
                  --save
                      保存这次结果，供以后对比；这次的口径成为店铺的口径
                  --json
                      输出一个 JSON 对象
                  --config <文件>
                      TOML 配置文件，见 `shuke config`
                  --lang <zh-CN|en>
                      输出所用的语言；默认跟随系统
                  --log <级别>
                      日志级别，例如 warn，或 warn,shuke=info
                  --log-format <human|json>
                      日志格式：文本行或 JSON
                  --otlp <地址>
                      接收链路追踪的 OpenTelemetry 收集器，例如 http://127.0.0.1:4318
              -h, --help
                      显示帮助
        "#]],
    );
}

/// What is said of each line, in both languages.
fn refusals(lines: &[&str]) -> String {
    let mut text = String::new();
    for line in lines {
        text += &format!("$ {line}\n");
        for lang in [Lang::English, Lang::Chinese] {
            let error = read(lang, &args(line), &File::default()).expect_err("a refusal");
            assert_eq!(error.code, Code::WrongUse);
            text += &crate::text::refusal(lang, &error);
        }
    }
    text
}

#[test]
fn a_wrong_name_is_a_line_and_a_hint() {
    let text = refusals(&[
        "shuke",
        "shuke frobnicate",
        "shuke imprt",
        "shuke import file.csv",
        "shuke rfm --data d --shop s --jsno",
        "shuke rfm --data d --shop s --shop t",
    ]);
    expect![[r#"
        $ shuke
        shuke: no command was named
        shuke：没有写命令
        $ shuke frobnicate
        shuke: there is no command "frobnicate"
          → did you mean rotate?
        shuke：没有“frobnicate”这个命令
          → 是不是想用 rotate？
        $ shuke imprt
        shuke: there is no command "imprt"
          → did you mean import?
        shuke：没有“imprt”这个命令
          → 是不是想用 import？
        $ shuke import file.csv
        shuke: required but not given: --shop <NAME>, --data <DIR>
          → `shuke import --help` shows how it is used
        shuke：缺少必填项：--shop <名称>、--data <目录>
          → 用 `shuke import --help` 查看用法
        $ shuke rfm --data d --shop s --jsno
        shuke: unexpected argument --jsno
          → did you mean --json?
        shuke：不认识的参数 --jsno
          → 是不是想用 --json？
        $ shuke rfm --data d --shop s --shop t
        shuke: --shop <NAME> is given more than once
          → `shuke rfm --help` shows how it is used
        shuke：--shop <名称> 写了不止一次
          → 用 `shuke rfm --help` 查看用法
    "#]]
    .assert_eq(&text);
}

#[test]
fn a_wrong_value_is_a_line_and_a_hint() {
    let text = refusals(&[
        "shuke rfm --data d --shop",
        "shuke rfm --data d --shop s --json=yes",
        "shuke rfm --data d --shop s again",
        "shuke query --data d --shop s --json --csv x",
        "shuke query --data d --shop s --seconds soon x",
        "shuke import --data d --shop s --undo 1 --list",
    ]);
    expect![[r#"
        $ shuke rfm --data d --shop
        shuke: --shop <NAME> needs a value
          → `shuke rfm --help` shows how it is used
        shuke：--shop <名称> 后面要写一个值
          → 用 `shuke rfm --help` 查看用法
        $ shuke rfm --data d --shop s --json=yes
        shuke: --json takes no value, so not "yes"
          → `shuke rfm --help` shows how it is used
        shuke：--json 后面不写值，去掉“yes”
          → 用 `shuke rfm --help` 查看用法
        $ shuke rfm --data d --shop s again
        shuke: unexpected argument again
          → `shuke rfm --help` shows how it is used
        shuke：不认识的参数 again
          → 用 `shuke rfm --help` 查看用法
        $ shuke query --data d --shop s --json --csv x
        shuke: --json cannot be used with --csv
          → `shuke query --help` shows how it is used
        shuke：--json 不能和 --csv 一起用
          → 用 `shuke query --help` 查看用法
        $ shuke query --data d --shop s --seconds soon x
        shuke: "soon" is not a value of --seconds <SECONDS>: invalid digit found in string
          → `shuke query --help` shows how it is used
        shuke：“soon”不能作为 --seconds <秒数> 的值：不是整数
          → 用 `shuke query --help` 查看用法
        $ shuke import --data d --shop s --undo 1 --list
        shuke: --undo <NUMBER> cannot be used with --list
          → `shuke import --help` shows how it is used
        shuke：--undo <编号> 不能和 --list 一起用
          → 用 `shuke import --help` 查看用法
    "#]]
    .assert_eq(&text);
}
