use super::*;

#[test]
fn a_key_names_its_shop() {
    assert_eq!(shop_of("sk_12_00ff"), Some(ShopId(12)));
    for wrong in ["", "sk", "sk_", "sk_x_1", "wk_1_2", "12", "sk_99999999999999999999_1"] {
        assert_eq!(shop_of(wrong), None, "{wrong}");
    }
}

#[test]
fn a_hash_is_of_the_whole_key() {
    assert_eq!(base::hex(&hash("sk_1_ab"))[..16], *"2cfc33abf1b86db1");
    assert_ne!(hash("sk_1_ab"), hash("sk_2_ab"));
}
