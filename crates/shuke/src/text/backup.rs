//! What is said of backups, and of the key that is in none of them.

use std::path::Path;

use base::Time;

use crate::backup::{Manifest, Restored};
use crate::lang::Lang;
use crate::place::key::Rotated;

/// Bytes of a megabyte.
const MB: u64 = 1 << 20;

/// A key file that others may read.
pub(crate) fn open_key(lang: Lang, file: &Path) -> String {
    let file = file.display();
    lang.pick(
        format!("{file} 能被本机其他用户读取，请运行：chmod 600 {file}\n"),
        format!("others on this machine may read {file}: run chmod 600 {file}\n"),
    )
}

/// A new master key.
pub(crate) fn new_master(lang: Lang, rotated: &Rotated) -> String {
    let shops = rotated.shops;
    let Some(before) = rotated.before.as_ref().map(|path| path.display()) else {
        return lang.pick(
            format!(
                "已换用新的主密钥，重新封装 {shops} 个密钥。\n\
                 下次启动前，请把 SHUKE_MASTER_KEY 改成新文件里的内容。\n\
                 旧的备份仍要用旧密钥才能恢复，请把旧密钥留好。\n"
            ),
            format!(
                "The new master key is in use; keys wrapped again: {shops}.\n\
                 Set SHUKE_MASTER_KEY to what the new file says before the next start.\n\
                 Older backups are restored with the key before: keep it.\n"
            ),
        );
    };
    lang.pick(
        format!(
            "已换用新的主密钥，重新封装 {shops} 个密钥。\n\
             旧密钥保存为 {before}：旧的备份要用它才能恢复，请移到备份旁边，不再需要时删除。\n"
        ),
        format!(
            "The new master key is in use; keys wrapped again: {shops}.\n\
             The key before is {before}: older backups are restored with it, so move it to where \
             they are, and remove it with the last of them.\n"
        ),
    )
}

/// A new key of a shop.
pub(crate) fn new_shop_key(lang: Lang, shop: &str, keys: usize) -> String {
    lang.pick(
        format!("{shop} 已换用新密钥，重新封装 {keys} 个密钥。\n"),
        format!("{shop} has a new key; keys wrapped again: {keys}.\n"),
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
