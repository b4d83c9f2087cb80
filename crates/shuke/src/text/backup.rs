//! What is said of backups, and of the key that is in none of them.

use std::path::Path;

use base::Time;

use crate::backup::{Manifest, Restored};
use crate::lang::Lang;

/// Bytes of a megabyte.
const MB: u64 = 1 << 20;

/// A key file that others may read.
pub(crate) fn open_key(lang: Lang, dir: &Path) -> String {
    let file = dir.join("master.key").display().to_string();
    lang.pick(
        format!("{file} 能被本机其他用户读取，请运行：chmod 600 {file}\n"),
        format!("others on this machine may read {file}: run chmod 600 {file}\n"),
    )
}

/// What a backup holds.
pub(crate) fn backed_up(lang: Lang, to: &Path, manifest: &Manifest) -> String {
    let (to, files) = (to.display(), manifest.files.len());
    let bytes: u64 = manifest.files.iter().map(|file| file.bytes).sum();
    let (mb, rows) = (bytes.div_ceil(MB), manifest.lake_rows);
    match lang {
        Lang::Chinese => format!(
            "已备份到 {to}：{files} 个文件，{mb} MB，历史 {rows} 行，已读回核对。\n\
             主密钥 master.key 不在备份里，请另外妥善保存。\n"
        ),
        Lang::English => format!(
            "Backed up to {to}: {files} files, {mb} MB, {rows} rows of history, read back.\n\
             The master key, master.key, is not in it: keep it safe elsewhere.\n"
        ),
    }
}

/// What a restore brought back.
pub(crate) fn restored(lang: Lang, restored: &Restored) -> String {
    let Restored { manifest, shops, erasures } = restored;
    let (at, rows) = (Time::from_micros(manifest.made_at), manifest.lake_rows);
    match lang {
        Lang::Chinese => format!(
            "已恢复 {at} 的备份：店铺 {shops} 家，历史 {rows} 行；重新删除 {erasures} 人的个人信息。\n"
        ),
        Lang::English => format!(
            "Restored the backup of {at}: shops {shops}, rows of history {rows}, \
             erasures applied again {erasures}.\n"
        ),
    }
}
