-- duckdb
SELECT * FROM "crm"."public"."Buying stages" LIMIT 0
SELECT "Account", "date" FROM "crm"."public"."Buying stages"
SELECT "Account" AS "segxl_1", CAST("date" AS DATE) AS "segxl_2", "stage" AS "segxl_3", COUNT(*) AS "segxl_rows" FROM "crm"."public"."Buying stages" GROUP BY "Account", CAST("date" AS DATE), "stage"
SELECT "account_id" AS "segxl_1", COUNT(*) AS "segxl_rows" FROM (
SELECT * FROM crm.events -- all of them
WHERE day > '2026-01-01'
) AS "segxl_query" GROUP BY "account_id"
SELECT "segxl_1", MIN("segxl_2") AS "segxl_2", COUNT(*) AS "segxl_days", "segxl_rows" FROM (SELECT "segxl_1", "segxl_rows", "segxl_2", CASE WHEN "segxl_2" BETWEEN CAST('0001-01-01' AS DATE) AND CAST('9999-12-31' AS DATE) THEN DATE_DIFF('DAY', CAST('1970-01-01' AS DATE), "segxl_2") - ROW_NUMBER() OVER (PARTITION BY "segxl_1", "segxl_rows" ORDER BY "segxl_2") END AS "segxl_run", CASE WHEN "segxl_2" BETWEEN CAST('0001-01-01' AS DATE) AND CAST('9999-12-31' AS DATE) THEN CAST(NULL AS DATE) ELSE "segxl_2" END AS "segxl_apart" FROM (SELECT "stage" AS "segxl_1", "date" AS "segxl_2", COUNT(*) AS "segxl_rows" FROM (
SELECT * FROM crm.events -- all of them
WHERE day > '2026-01-01'
) AS "segxl_query" GROUP BY "stage", "date") AS segxl_counted) AS segxl_numbered GROUP BY "segxl_1", "segxl_rows", "segxl_run", "segxl_apart"

-- postgres
SELECT * FROM "crm"."public"."Buying stages" LIMIT 0
SELECT "Account", "date" FROM "crm"."public"."Buying stages"
SELECT "Account" AS "segxl_1", CAST("date" AS DATE) AS "segxl_2", "stage" AS "segxl_3", COUNT(*) AS "segxl_rows" FROM "crm"."public"."Buying stages" GROUP BY "Account", CAST("date" AS DATE), "stage"
SELECT "account_id" AS "segxl_1", COUNT(*) AS "segxl_rows" FROM (
SELECT * FROM crm.events -- all of them
WHERE day > '2026-01-01'
) AS "segxl_query" GROUP BY "account_id"
SELECT "segxl_1", MIN("segxl_2") AS "segxl_2", COUNT(*) AS "segxl_days", "segxl_rows" FROM (SELECT "segxl_1", "segxl_rows", "segxl_2", CASE WHEN "segxl_2" BETWEEN CAST('0001-01-01' AS DATE) AND CAST('9999-12-31' AS DATE) THEN CAST(EXTRACT(epoch FROM CAST("segxl_2" AS TIMESTAMP) - CAST(CAST('1970-01-01' AS DATE) AS TIMESTAMP)) / 86400 AS BIGINT) - ROW_NUMBER() OVER (PARTITION BY "segxl_1", "segxl_rows" ORDER BY "segxl_2") END AS "segxl_run", CASE WHEN "segxl_2" BETWEEN CAST('0001-01-01' AS DATE) AND CAST('9999-12-31' AS DATE) THEN CAST(NULL AS DATE) ELSE "segxl_2" END AS "segxl_apart" FROM (SELECT "stage" AS "segxl_1", "date" AS "segxl_2", COUNT(*) AS "segxl_rows" FROM (
SELECT * FROM crm.events -- all of them
WHERE day > '2026-01-01'
) AS "segxl_query" GROUP BY "stage", "date") AS segxl_counted) AS segxl_numbered GROUP BY "segxl_1", "segxl_rows", "segxl_run", "segxl_apart"

-- spark
SELECT * FROM `crm`.`public`.`Buying stages` LIMIT 0
SELECT `Account`, `date` FROM `crm`.`public`.`Buying stages`
SELECT `Account` AS `segxl_1`, CAST(`date` AS DATE) AS `segxl_2`, `stage` AS `segxl_3`, COUNT(*) AS `segxl_rows` FROM `crm`.`public`.`Buying stages` GROUP BY `Account`, CAST(`date` AS DATE), `stage`
SELECT `account_id` AS `segxl_1`, COUNT(*) AS `segxl_rows` FROM (
SELECT * FROM crm.events -- all of them
WHERE day > '2026-01-01'
) AS `segxl_query` GROUP BY `account_id`
SELECT `segxl_1`, MIN(`segxl_2`) AS `segxl_2`, COUNT(*) AS `segxl_days`, `segxl_rows` FROM (SELECT `segxl_1`, `segxl_rows`, `segxl_2`, CASE WHEN `segxl_2` BETWEEN CAST('0001-01-01' AS DATE) AND CAST('9999-12-31' AS DATE) THEN DATEDIFF(DAY, CAST('1970-01-01' AS DATE), `segxl_2`) - ROW_NUMBER() OVER (PARTITION BY `segxl_1`, `segxl_rows` ORDER BY `segxl_2` NULLS LAST) END AS `segxl_run`, CASE WHEN `segxl_2` BETWEEN CAST('0001-01-01' AS DATE) AND CAST('9999-12-31' AS DATE) THEN CAST(NULL AS DATE) ELSE `segxl_2` END AS `segxl_apart` FROM (SELECT `stage` AS `segxl_1`, `date` AS `segxl_2`, COUNT(*) AS `segxl_rows` FROM (
SELECT * FROM crm.events -- all of them
WHERE day > '2026-01-01'
) AS `segxl_query` GROUP BY `stage`, `date`) AS segxl_counted) AS segxl_numbered GROUP BY `segxl_1`, `segxl_rows`, `segxl_run`, `segxl_apart`

-- snowflake
SELECT * FROM "crm"."public"."Buying stages" LIMIT 0
SELECT "Account", "date" FROM "crm"."public"."Buying stages"
SELECT "Account" AS "segxl_1", CAST("date" AS DATE) AS "segxl_2", "stage" AS "segxl_3", COUNT(*) AS "segxl_rows" FROM "crm"."public"."Buying stages" GROUP BY "Account", CAST("date" AS DATE), "stage"
SELECT "account_id" AS "segxl_1", COUNT(*) AS "segxl_rows" FROM (
SELECT * FROM crm.events -- all of them
WHERE day > '2026-01-01'
) AS "segxl_query" GROUP BY "account_id"
SELECT "segxl_1", MIN("segxl_2") AS "segxl_2", COUNT(*) AS "segxl_days", "segxl_rows" FROM (SELECT "segxl_1", "segxl_rows", "segxl_2", CASE WHEN "segxl_2" BETWEEN CAST('0001-01-01' AS DATE) AND CAST('9999-12-31' AS DATE) THEN DATEDIFF(DAY, CAST('1970-01-01' AS DATE), "segxl_2") - ROW_NUMBER() OVER (PARTITION BY "segxl_1", "segxl_rows" ORDER BY "segxl_2") END AS "segxl_run", CASE WHEN "segxl_2" BETWEEN CAST('0001-01-01' AS DATE) AND CAST('9999-12-31' AS DATE) THEN CAST(NULL AS DATE) ELSE "segxl_2" END AS "segxl_apart" FROM (SELECT "stage" AS "segxl_1", "date" AS "segxl_2", COUNT(*) AS "segxl_rows" FROM (
SELECT * FROM crm.events -- all of them
WHERE day > '2026-01-01'
) AS "segxl_query" GROUP BY "stage", "date") AS segxl_counted) AS segxl_numbered GROUP BY "segxl_1", "segxl_rows", "segxl_run", "segxl_apart"

-- bigquery
SELECT * FROM `crm`.`public`.`Buying stages` LIMIT 0
SELECT `Account`, `date` FROM `crm`.`public`.`Buying stages`
SELECT `Account` AS `segxl_1`, CAST(`date` AS DATE) AS `segxl_2`, `stage` AS `segxl_3`, COUNT(*) AS `segxl_rows` FROM `crm`.`public`.`Buying stages` GROUP BY `Account`, CAST(`date` AS DATE), `stage`
SELECT `account_id` AS `segxl_1`, COUNT(*) AS `segxl_rows` FROM (
SELECT * FROM crm.events -- all of them
WHERE day > '2026-01-01'
) AS `segxl_query` GROUP BY `account_id`
SELECT `segxl_1`, MIN(`segxl_2`) AS `segxl_2`, COUNT(*) AS `segxl_days`, `segxl_rows` FROM (SELECT `segxl_1`, `segxl_rows`, `segxl_2`, CASE WHEN `segxl_2` BETWEEN CAST('0001-01-01' AS DATE) AND CAST('9999-12-31' AS DATE) THEN DATE_DIFF(`segxl_2`, CAST('1970-01-01' AS DATE), DAY) - ROW_NUMBER() OVER (PARTITION BY `segxl_1`, `segxl_rows` ORDER BY `segxl_2` NULLS LAST) END AS `segxl_run`, CASE WHEN `segxl_2` BETWEEN CAST('0001-01-01' AS DATE) AND CAST('9999-12-31' AS DATE) THEN CAST(NULL AS DATE) ELSE `segxl_2` END AS `segxl_apart` FROM (SELECT `stage` AS `segxl_1`, `date` AS `segxl_2`, COUNT(*) AS `segxl_rows` FROM (
SELECT * FROM crm.events -- all of them
WHERE day > '2026-01-01'
) AS `segxl_query` GROUP BY `stage`, `date`) AS segxl_counted) AS segxl_numbered GROUP BY `segxl_1`, `segxl_rows`, `segxl_run`, `segxl_apart`

-- databricks
SELECT * FROM `crm`.`public`.`Buying stages` LIMIT 0
SELECT `Account`, `date` FROM `crm`.`public`.`Buying stages`
SELECT `Account` AS `segxl_1`, CAST(`date` AS DATE) AS `segxl_2`, `stage` AS `segxl_3`, COUNT(*) AS `segxl_rows` FROM `crm`.`public`.`Buying stages` GROUP BY `Account`, CAST(`date` AS DATE), `stage`
SELECT `account_id` AS `segxl_1`, COUNT(*) AS `segxl_rows` FROM (
SELECT * FROM crm.events -- all of them
WHERE day > '2026-01-01'
) AS `segxl_query` GROUP BY `account_id`
SELECT `segxl_1`, MIN(`segxl_2`) AS `segxl_2`, COUNT(*) AS `segxl_days`, `segxl_rows` FROM (SELECT `segxl_1`, `segxl_rows`, `segxl_2`, CASE WHEN `segxl_2` BETWEEN CAST('0001-01-01' AS DATE) AND CAST('9999-12-31' AS DATE) THEN DATEDIFF(DAY, CAST('1970-01-01' AS DATE), `segxl_2`) - ROW_NUMBER() OVER (PARTITION BY `segxl_1`, `segxl_rows` ORDER BY `segxl_2` NULLS LAST) END AS `segxl_run`, CASE WHEN `segxl_2` BETWEEN CAST('0001-01-01' AS DATE) AND CAST('9999-12-31' AS DATE) THEN CAST(NULL AS DATE) ELSE `segxl_2` END AS `segxl_apart` FROM (SELECT `stage` AS `segxl_1`, `date` AS `segxl_2`, COUNT(*) AS `segxl_rows` FROM (
SELECT * FROM crm.events -- all of them
WHERE day > '2026-01-01'
) AS `segxl_query` GROUP BY `stage`, `date`) AS segxl_counted) AS segxl_numbered GROUP BY `segxl_1`, `segxl_rows`, `segxl_run`, `segxl_apart`
