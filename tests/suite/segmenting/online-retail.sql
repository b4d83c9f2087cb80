create table raw as
select InvoiceNo as invoice, StockCode as sku, cast(Quantity as bigint) as quantity,
    cast(round(cast(UnitPrice as decimal(18, 4)) * 100) as bigint) as price,
    cast(round(cast(UnitPrice as decimal(18, 4)) * cast(Quantity as bigint) * 100) as bigint) as amount,
    cast(InvoiceDate as timestamp) as happened, Country as country,
    cast(try_cast(CustomerID as double) as bigint) as customer
from read_csv(getvariable('files'), all_varchar = true, compression = 'zstd');
create table documents as
select invoice, max(customer) as customer, min(happened) as happened, sum(amount) as amount,
    case when invoice like 'C%' then 'refund' when invoice like 'A%' then 'correction'
        else 'order' end as kind
from raw group by invoice;
create table orders as
select invoice, customer, happened, case when amount > 0 then amount else 0 end as paid from documents
where kind = 'order' and customer is not null;
create table refunds as
select invoice, customer, happened from documents where kind = 'refund' and customer is not null;
create table lines as
select o.customer, o.invoice, r.sku, r.quantity, r.price, r.amount, o.happened
from raw r join orders o on o.invoice = r.invoice where o.paid > 0;
create table figures as
select r.customer as id, arg_max(r.country, r.happened) as country,
    (select count(*) from orders o where o.customer = r.customer) as orders,
    (select count(*) from orders o where o.customer = r.customer and paid > 0) as paid_orders,
    (select coalesce(sum(paid), 0) from orders o where o.customer = r.customer) as paid,
    -sum(case when r.invoice like 'C%' then r.amount else 0 end) as refunded,
    sum(r.amount) as net,
    (select min(happened) from orders o where o.customer = r.customer) as first_order,
    (select max(happened) from orders o where o.customer = r.customer) as last_order,
    (select max(happened) from orders o where o.customer = r.customer and paid > 0) as last_paid
from raw r where r.customer is not null group by r.customer;
create table ranked as
select id, cast(last_paid as date) as r, paid_orders as f, net as m,
    row_number() over (order by cast(last_paid as date)) as by_r,
    row_number() over (order by paid_orders) as by_f, row_number() over (order by net) as by_m,
    count(*) over () as n
from figures where paid_orders > 0;
create table cuts as
select k, max(case when by_r = ceil(n * k / 5.0) then r end) as r,
    max(case when by_f = ceil(n * k / 5.0) then f end) as f,
    max(case when by_m = ceil(n * k / 5.0) then m end) as m
from ranked, (values (1), (2), (3), (4)) as ks(k) group by k;
create table scores as
select id, 1 + (select count(*) from cuts c where x.r > c.r) as r,
    1 + (select count(*) from cuts c where x.f > c.f) as f,
    1 + (select count(*) from cuts c where x.m > c.m) as m
from ranked x;
create table c as
select f.*, s.r, s.f, s.m, case when paid_orders > 0 then (paid + paid_orders / 2) // paid_orders end
    as order_value
from figures f left join scores s on s.id = f.id;
