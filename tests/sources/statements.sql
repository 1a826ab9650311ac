-- duckdb
SELECT * FROM "crm"."public"."Buying stages" LIMIT 0
SELECT "Account", "date" FROM "crm"."public"."Buying stages"
SELECT "Account" AS "segxl_1", CAST("date" AS DATE) AS "segxl_2", "stage" AS "segxl_3", COUNT(*) AS "segxl_rows" FROM "crm"."public"."Buying stages" GROUP BY "Account", CAST("date" AS DATE), "stage"
SELECT "account_id" AS "segxl_1", COUNT(*) AS "segxl_rows" FROM (
SELECT * FROM crm.events -- all of them
WHERE day > '2026-01-01'
) AS "segxl_query" GROUP BY "account_id"

-- postgres
SELECT * FROM "crm"."public"."Buying stages" LIMIT 0
SELECT "Account", "date" FROM "crm"."public"."Buying stages"
SELECT "Account" AS "segxl_1", CAST("date" AS DATE) AS "segxl_2", "stage" AS "segxl_3", COUNT(*) AS "segxl_rows" FROM "crm"."public"."Buying stages" GROUP BY "Account", CAST("date" AS DATE), "stage"
SELECT "account_id" AS "segxl_1", COUNT(*) AS "segxl_rows" FROM (
SELECT * FROM crm.events -- all of them
WHERE day > '2026-01-01'
) AS "segxl_query" GROUP BY "account_id"

-- spark
SELECT * FROM `crm`.`public`.`Buying stages` LIMIT 0
SELECT `Account`, `date` FROM `crm`.`public`.`Buying stages`
SELECT `Account` AS `segxl_1`, CAST(`date` AS DATE) AS `segxl_2`, `stage` AS `segxl_3`, COUNT(*) AS `segxl_rows` FROM `crm`.`public`.`Buying stages` GROUP BY `Account`, CAST(`date` AS DATE), `stage`
SELECT `account_id` AS `segxl_1`, COUNT(*) AS `segxl_rows` FROM (
SELECT * FROM crm.events -- all of them
WHERE day > '2026-01-01'
) AS `segxl_query` GROUP BY `account_id`

-- snowflake
SELECT * FROM "crm"."public"."Buying stages" LIMIT 0
SELECT "Account", "date" FROM "crm"."public"."Buying stages"
SELECT "Account" AS "segxl_1", CAST("date" AS DATE) AS "segxl_2", "stage" AS "segxl_3", COUNT(*) AS "segxl_rows" FROM "crm"."public"."Buying stages" GROUP BY "Account", CAST("date" AS DATE), "stage"
SELECT "account_id" AS "segxl_1", COUNT(*) AS "segxl_rows" FROM (
SELECT * FROM crm.events -- all of them
WHERE day > '2026-01-01'
) AS "segxl_query" GROUP BY "account_id"

-- bigquery
SELECT * FROM `crm`.`public`.`Buying stages` LIMIT 0
SELECT `Account`, `date` FROM `crm`.`public`.`Buying stages`
SELECT `Account` AS `segxl_1`, CAST(`date` AS DATE) AS `segxl_2`, `stage` AS `segxl_3`, COUNT(*) AS `segxl_rows` FROM `crm`.`public`.`Buying stages` GROUP BY `Account`, CAST(`date` AS DATE), `stage`
SELECT `account_id` AS `segxl_1`, COUNT(*) AS `segxl_rows` FROM (
SELECT * FROM crm.events -- all of them
WHERE day > '2026-01-01'
) AS `segxl_query` GROUP BY `account_id`

-- databricks
SELECT * FROM `crm`.`public`.`Buying stages` LIMIT 0
SELECT `Account`, `date` FROM `crm`.`public`.`Buying stages`
SELECT `Account` AS `segxl_1`, CAST(`date` AS DATE) AS `segxl_2`, `stage` AS `segxl_3`, COUNT(*) AS `segxl_rows` FROM `crm`.`public`.`Buying stages` GROUP BY `Account`, CAST(`date` AS DATE), `stage`
SELECT `account_id` AS `segxl_1`, COUNT(*) AS `segxl_rows` FROM (
SELECT * FROM crm.events -- all of them
WHERE day > '2026-01-01'
) AS `segxl_query` GROUP BY `account_id`
