double('NaN') = double('NaN')
double('NaN') > double('Infinity')
-0.0D = 0.0D
-0.0D < 0.0D
float('NaN') <=> float('NaN')
NULL = NULL
NULL <=> NULL
NULL <> 1
1 IS DISTINCT FROM NULL
NULL IS NOT DISTINCT FROM NULL
equal_null(NULL, NULL)
equal_null(1, NULL)
'a' < 'B'
'a' = 'A'
'a' = 'a '
'é' = 'e\u0301'
'' < ' '
'10' < '9'
'Z' < 'a'
'😀' > 'z'
'ﬀ' < '😀'
X'00' < X'01'
X'FF' > X'01'
X'' < X'00'
TRUE > FALSE
array(1, 2) = array(1, 2)
array(1, 2) < array(1, 3)
array(1) < array(1, 0)
array(1, NULL) = array(1, NULL)
array(NULL) <=> array(NULL)
struct(1, 'a') = struct(1, 'a')
struct(1, 2) < struct(1, 3)
named_struct('a', 1) = named_struct('b', 1)
map('a', 1) = map('a', 1)
DATE'2026-01-05' < TIMESTAMP'2026-01-05 00:00:01'
INTERVAL 1 DAY = INTERVAL 24 HOURS
INTERVAL 1 MONTH > INTERVAL 30 DAYS
INTERVAL '1-0' YEAR TO MONTH = INTERVAL 12 MONTHS
1 BETWEEN 2 AND 0
2 BETWEEN 1 AND 3
NULL BETWEEN 1 AND 2
1 NOT BETWEEN 2 AND 3
1 IN (1, 2, NULL)
3 IN (1, 2, NULL)
3 NOT IN (1, 2, NULL)
NULL IN (1)
'a' IN ('A', 'b')
1 IN ('1', 2)
1.0 IN (1)
(1, 'a') IN ((1, 'a'), (2, 'b'))
(1, NULL) IN ((1, 2))
1 = ANY (SELECT 1)
1 < 2 < 3
NOT NULL
NULL AND FALSE
NULL OR TRUE
NULL AND TRUE
NOT (1 = 2) AND TRUE
TRUE IS TRUE
NULL IS TRUE
NULL IS NOT FALSE
NULL IS UNKNOWN
1 IS NULL
1 == 1
1 != 2
1 <> 1
!TRUE
1 AND 2
'true' AND TRUE
xor(TRUE, FALSE)
SELECT s, s = 'é', s < 'b', s > '', s IN ('A', NULL) FROM edges
SELECT count(DISTINCT d), min(d), max(d) FROM edges
SELECT a.s FROM edges a JOIN edges b ON a.s = b.s ORDER BY 1
SELECT a.d FROM edges a JOIN edges b ON a.d = b.d ORDER BY 1 --~
SELECT d, count(*) FROM edges GROUP BY d ORDER BY d
SELECT DISTINCT d FROM edges ORDER BY d NULLS LAST
NULL IS DISTINCT FROM NULL
'a' IS DISTINCT FROM 'b'
NOT (1 IS DISTINCT FROM 1)
1 IS NOT DISTINCT FROM NULL
SELECT a IS DISTINCT FROM b FROM VALUES (1,2),(NULL,NULL),(1,NULL) t(a,b)
