alter table orders add column to_phone BLOB;
alter table orders add column to_name BLOB;
alter table orders add column to_place BLOB;
create index orders_to_phone on orders (shop_id, to_phone) where to_phone is not null;
create index orders_to_place on orders (shop_id, to_place) where to_place is not null;

alter table customer add column birthday_index TEXT;
alter table customer add column introduced_by BLOB;
alter table customer add column gift_receivers INTEGER;
alter table customer add column has_wechat BOOL;
alter table customer add column consents INTEGER;
create index customer_introduced on customer (shop_id, introduced_by)
  where introduced_by is not null;
update customer set has_wechat = exists (select 1 from identifier
  where identifier.shop_id = customer.shop_id and identifier.person = customer.customer_no
  and identifier.namespace in ('openid', 'unionid'));
