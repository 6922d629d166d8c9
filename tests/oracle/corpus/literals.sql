1Y
128Y
1S
1L
1.5F
1.5D
1.5BD
1BD
1e3
1E-2BD
12345678901
123456789012345678901234567890
123456789012345678901234567890123456789
0.1
00.10
-0.0
1.
'a'
"a"
'it\'s'
'a' 'b'
'\u0041'
'\101'
'%\_'
r'\n'
R"a\b"
''
'tab\tnew\nline'
'\z'
X'1f'
x'1'
X''
TRUE
false
NULL
DATE '2026-01-05'
date'2026-1-5'
TIMESTAMP '2026-01-05'
INTERVAL '1' DAY
current_date IS NOT NULL
`a`
1 AS `a``b`
1 AS a, 2 AS A
1 a
'x' AS "dq"
1 AS select
1 AS from
1 AS order
SELECT a.b FROM (SELECT 1 AS b) a
SELECT `b` FROM (SELECT 1 AS B)
SELECT B FROM (SELECT 1 AS b)
SELECT a AS A FROM (SELECT 1 AS a)
SELECT "a" FROM (SELECT 1 AS a)
SELECT 1 AS x, x + 1 AS y
SELECT 1 AS at, at + 1
1 --comment
/* c */ 1
1;
1 + /* in */ 2
+-1
1 = 1 = TRUE
NOT 1 = 2
2 + 3 * 4 - 5 % 3
-2 * -3
1 OR 2
'a' = 'a' AND 'b' = 'b' OR FALSE
2 * 3 div 4
1 | 2 & 3 ^ 4
1 + 1 << 2
NOT TRUE OR TRUE
1 BETWEEN 0 AND 2 AND TRUE
DATE'2026-01-05' + INTERVAL 1 DAY * 2
array(1, 2,)
SELECT
SELECT 1 FROM
SELECT 1,
SELEC 1
1 +
(1
'unterminated
SELECT * FROM VALUES
foo(1)
upper()
upper('a', 'b')
substring('a')
date_add(DATE'2026-01-05')
count()
abs('x')
sum('x')
upper(array(1))
1 + array(1)
'a' + 1
NOT 'x'
array(1) = 1
struct(1) + 1
CASE WHEN 1 THEN 2 END
if('x', 1, 2)
nosuch.func(1)
system.builtin.upper('a')
session_user() IS NOT NULL
user() = current_user()
SELECT named_struct('x', 1).x AS `a.b`, 2 AS `é`, 3 AS `1`
SELECT * FROM (SELECT 1 AS `a b`, 2 AS `select`)
IDENTIFIER('upper')('a')
SELECT * FROM IDENTIFIER('people') WHERE id = 1
