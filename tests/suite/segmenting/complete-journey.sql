create table lines as
select household_id as id, basket_id as basket, cast(t.product_id as varchar) as sku,
    cast(quantity as bigint) as quantity, cast(round(sales_value * 100) as bigint) as amount,
    timezone('America/New_York', timezone('UTC', transaction_timestamp)) as happened,
    p.department, p.product_category, p.product_type, p.brand
from read_parquet(getvariable('files') || '/transactions.parquet') t
left join read_parquet(getvariable('files') || '/products.parquet') p on p.product_id = t.product_id;
create table baskets as
select id, basket, min(happened) as happened, sum(amount) as paid from lines group by id, basket;
create table bought as
select l.*, b.happened as ordered from lines l join baskets b on b.basket = l.basket where b.paid > 0;
create table people as
select household_id as id, max(age) as age
from read_parquet(getvariable('files') || '/demographics.parquet') group by household_id;
create table c as
select b.id, count(*) as orders, sum(case when b.paid > 0 then 1 else 0 end) as paid_orders,
    sum(b.paid) as paid, min(b.happened) as first_order, max(b.happened) as last_order, max(p.age) as age
from baskets b left join people p on p.id = b.id group by b.id;
