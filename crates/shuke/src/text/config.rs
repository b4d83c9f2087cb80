//! The configuration as it is shown, and its page in the documentation.

use std::fmt::Write;

use crate::config::{ENVIRONMENT, Setting};
use crate::lang::Lang;
use crate::usage::help_of;

/// Every setting, with where it comes from.
pub(crate) fn list(lang: Lang, settings: &[Setting]) -> String {
    let mut text = String::new();
    for Setting { key, value, source, flag, variable, meaning, .. } in settings {
        let from = match *source {
            "flag" => lang.pick("来自命令行", "from the command line"),
            "environment" => lang.pick("来自环境变量", "from the environment"),
            "file" => lang.pick("来自配置文件", "from the file"),
            "default" => lang.pick("默认值", "default"),
            _ => lang.pick("未设置", "not set"),
        };
        // Writing to a string does not fail.
        let _ = match value {
            Some(value) => writeln!(text, "{key} = {value:?}  # {from}"),
            None => writeln!(text, "# {key}: {from}"),
        };
        let _ = writeln!(text, "    {meaning}\n    {flag}  {variable}");
    }
    text
}

/// The page of the documentation.
pub(crate) fn page(lang: Lang, settings: &[Setting]) -> String {
    let mut text = lang.pick(PAGE_ZH, PAGE_EN).to_owned();
    for Setting { key, flag, variable, meaning, default, .. } in settings {
        let default = if default.is_empty() { String::new() } else { format!("`{default}`") };
        let meaning = meaning.replace('|', "\\|");
        let _ = writeln!(text, "| `{key}` | `{flag}` | `{variable}` | {default} | {meaning} |");
    }
    text += lang.pick(ENVIRONMENT_ZH, ENVIRONMENT_EN);
    for (variable, english) in ENVIRONMENT {
        let _ = writeln!(text, "| `{variable}` | {} |", help_of(lang, english));
    }
    text
}

const PAGE_EN: &str = "\
# Configuration

Every setting can be given on the command line, in the environment, or in a file in TOML that
`--config` or `SHUKE_CONFIG` names. The command line goes before the environment, and the
environment before the file. `shuke config` shows what each setting is and where that comes from.

```toml
data = \"/var/lib/shuke\"
listen = \"127.0.0.1:8080\"
url = \"https://shop.example.com\"
log_format = \"json\"
```

This page is printed by `shuke config --markdown`.

| key in the file | option | variable | if left out | meaning |
|---|---|---|---|---|
";
const PAGE_ZH: &str = "\
# 配置

每一项配置都可以写在命令行、环境变量或 TOML 文件里；文件用 `--config` 或 `SHUKE_CONFIG`
指定。命令行优先于环境变量，环境变量优先于文件。用 `shuke config` 查看每一项当前的值和来源。

```toml
data = \"/var/lib/shuke\"
listen = \"127.0.0.1:8080\"
url = \"https://shop.example.com\"
log_format = \"json\"
```

本页由 `shuke config --markdown --lang zh-CN` 生成。

| 文件中的键 | 命令行选项 | 环境变量 | 不写时 | 含义 |
|---|---|---|---|---|
";
const ENVIRONMENT_EN: &str = "
Only in the environment, because everybody on a machine can see its command lines:

| variable | meaning |
|---|---|
";
const ENVIRONMENT_ZH: &str = "
只能写在环境变量里（命令行对本机所有用户可见）：

| 环境变量 | 含义 |
|---|---|
";
