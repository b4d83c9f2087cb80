import { say } from "../../part/say";
import { Button, Form, Modal } from "antd";
import { useTranslation } from "react-i18next";
import type { NewShop } from "../../api/shape";
import { queryClient, useAct, useApi } from "../../api/hooks";
import { useLook } from "../../look";
import { Guard } from "../../part/confirm";
import { CurrencyField, LanguageField, NameField, ZoneField } from "../../part/fields";
import { Facts, Section } from "../../part/page";
import { Asked, useErrorText } from "../../part/state";
import { useCan, useSession } from "../../session";
import { useUrl } from "../../url";

type Edit = { name: string; language: string; time_zone: string };

export function ShopTab() {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const can = useCan();
  const [search, change] = useUrl();
  const shop = useApi("GET /shop");
  const save = useAct("PATCH /shop", ["GET /shop", "GET /session"], {
    onSuccess: () => say.success(t("act.saved")),
    onError: (error) => say.error(errorText(error)),
  });
  return (
    <>
      <Asked query={shop} what={t("setting.shop")}>
        {(data) =>
          can("shop.edit") ? (
            <Form<Edit>
              layout="vertical"
              requiredMark={false}
              className="narrow"
              initialValues={data}
              onFinish={(body) => save.mutate({ body })}
            >
              <NameField label={t("shop.name")} />
              <Form.Item label={t("shop.currency")} extra={t("shop.currency_fixed")}>
                <span>{data.currency}</span>
              </Form.Item>
              <ZoneField />
              <LanguageField />
              <Button type="primary" htmlType="submit" loading={save.isPending}>
                {t("act.save")}
              </Button>
            </Form>
          ) : (
            <Facts
              items={[
                [t("shop.name"), data.name],
                [t("shop.currency"), data.currency],
                [t("shop.time_zone"), data.time_zone],
              ]}
            />
          )
        }
      </Asked>
      <Guard may="shop.edit">
        <Section title={t("shop.more")} note={t("shop.more_why")}>
          <Button onClick={() => change({ new: "1" })}>{t("bar.new_shop")}</Button>
        </Section>
        <CreateShop
          open={search.new === "1"}
          close={() => change({ new: undefined }, { replace: true })}
        />
      </Guard>
    </>
  );
}

function CreateShop({ open, close }: { open: boolean; close: () => void }) {
  const { t } = useTranslation();
  const { lang } = useLook();
  const { setShop } = useSession();
  const errorText = useErrorText();
  const [form] = Form.useForm<NewShop>();
  const create = useAct("POST /shops", [], {
    onSuccess: async (made) => {
      await queryClient.invalidateQueries({ queryKey: ["GET /session"] });
      setShop(made.shop_id);
      close();
    },
    onError: (error) => say.error(errorText(error)),
  });
  const first = {
    currency: lang === "zh" ? "CNY" : "GBP",
    language: lang === "zh" ? "zh-CN" : "en",
    time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
  return (
    <Modal
      open={open}
      title={t("bar.new_shop")}
      okText={t("start.create")}
      onCancel={close}
      cancelText={t("act.cancel")}
      confirmLoading={create.isPending}
      onOk={() => form.submit()}
      destroyOnHidden
    >
      <Form
        form={form}
        name="new-shop"
        layout="vertical"
        requiredMark={false}
        initialValues={first}
        preserve={false}
        onFinish={(body) => create.mutate({ body })}
      >
        <NameField label={t("shop.name")} />
        <CurrencyField />
        <ZoneField />
        <LanguageField />
      </Form>
    </Modal>
  );
}
