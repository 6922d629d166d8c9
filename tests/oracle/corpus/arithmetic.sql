1 / 0
1 % 0
1 div 0
1.0 / 0
1D / 0
1D / 0D
0D / 0D
5 % -3
-5 % 3
-5 div 3
5 div -3
-7 / 2
7 / 2
7.0 / 2
mod(-5, 3)
pmod(-5, 3)
pmod(5, -3)
pmod(-5.5, 3)
pmod(5, 0)
try_mod(5, 0)
try_divide(1, 0)
try_divide(6, 4)
try_add(2147483647, 1)
try_subtract(-2147483648, 1)
try_multiply(1e308D, 10D)
try_add(DATE'2026-01-31', INTERVAL 1 MONTH)
try_add(DATE'9999-12-31', 1)
2147483647 + 1
-2147483648 - 1
2147483647 * 2
9223372036854775807 + 1
9223372036854775808
-(-2147483648)
abs(-2147483648)
- -5
1e308D * 10
1.1 + 2.2
1.1D + 2.2D
0.1 + 0.2 = 0.3
0.1D + 0.2D = 0.3D
1.10 * 2.00
1.0 / 3
10.00 / 4
2 / 3.0
1 / 3
CAST(1 AS DECIMAL(38,18)) / 3
CAST(1 AS DECIMAL(38,18)) * CAST(1 AS DECIMAL(38,18))
99999999999999999999999999999999999999 + 1
12345678901234567890.123 * 98765432109876543210.987
1.5 % 1
-1.5 % 1.0
5.5 div 2
CAST(7.9 AS DECIMAL(3,1)) div 2
1L + 1
1Y + 1Y
1S * 1L
1F + 1D
1F + 1
1 + 1.0
1L + 1.5F
1.5BD + 1D
5 & 3
5 | 3
5 ^ 3
~5
1 << 33
1L << 33
-8 >> 1
-8 >>> 1
shiftleft(1, 4)
shiftright(-8, 1)
shiftrightunsigned(-8, 1)
shiftrightunsigned(-8L, 1)
bit_count(7)
bit_count(-1)
bit_get(11, 0)
bit_get(11, 2)
getbit(11, 64)
round(2.5)
round(3.5)
round(-2.5)
round(2.5D)
round(1.005D, 2)
round(1234.567, -2)
round(25, -1)
round(2147483647, -1)
bround(2.5)
bround(3.5)
bround(2.5D)
bround(1.25, 1)
bround(-35, -1)
ceil(1.2)
ceil(-1.2)
ceil(1.25, 1)
ceil(1.2D)
floor(-1.2)
floor(1234.5, -2)
ceiling(5)
trunc(1.5, 1)
sign(-2.5)
signum(0)
sign(INTERVAL -1 DAY)
sqrt(2)
sqrt(-1)
cbrt(27)
cbrt(-8)
power(2, 10)
power(2, 0.5)
pow(0, 0)
pow(-8, 1/3D)
exp(0)
exp(1) --~
expm1(1e-10D) --~
ln(0)
ln(-1)
log(2, 8) --~
log(10, 100) --~
log(8) --~
log10(1000)
log2(8)
log1p(0)
log1p(-2)
pi()
e()
hypot(3, 4)
atan2(1, 1) --~
atan2(0, -1) --~
degrees(pi()) --~
radians(180) --~
sin(0)
cos(0)
tan(0)
asin(2)
acos(2)
acosh(0.5)
atanh(1)
atanh(2)
asinh(1) --~
cot(1) --~
sec(1) --~
csc(1) --~
factorial(5)
factorial(20)
factorial(21)
factorial(-1)
greatest(1, 2.5, NULL)
least(1, NULL, -3)
greatest(double('NaN'), 1D)
least(double('NaN'), 1D)
greatest('a', 'B')
nanvl(double('NaN'), 5)
nanvl(1D, 5D)
isnan(double('NaN'))
isnan(NULL)
width_bucket(5.3, 0.2, 10.6, 5)
width_bucket(-2.1, 1.3, 3.4, 3)
width_bucket(8.1, 0.0, 5.7, 0)
conv('100', 2, 10)
conv('-10', 16, -10)
conv('zz', 36, 10)
conv('9223372036854775808', 10, 16)
hex(255)
hex(-1)
hex('abc')
unhex('616263')
unhex('xyz')
unhex('F')
bin(13)
bin(-1)
rint(2.5)
rint(-0.5D)
negative(5)
positive(-5)
-(1.5)
e() > 2.7
5 = 5.0
1 <=> 1
1e3
1e3 + 1
1.e2
.5
5.
1e-3BD
1.5e3D
0x1F
1_000
random(1) IS NULL
uniform(1, 1)
nullifzero(0)
zeroifnull(NULL)
nullifzero(5)
nullif(1, 1)
1 + NULL
NULL * 1D
NULL / 0
0 / NULL
1 / NULL
mod(NULL, 0)
sum(2147483647) + 1
SELECT sum(x) FROM VALUES (9223372036854775807), (1) AS t(x)
SELECT try_sum(x) FROM VALUES (9223372036854775807), (1) AS t(x)
SELECT sum(x) FROM VALUES (127Y), (127Y) AS t(x)
SELECT avg(x) FROM VALUES (1), (2) AS t(x)
SELECT avg(x) FROM VALUES (1.10), (2.25) AS t(x)
SELECT sum(x), avg(x) FROM VALUES (CAST(1.5 AS DECIMAL(10,2))), (CAST(2.5 AS DECIMAL(10,2))) AS t(x)
SELECT x / y FROM VALUES (1, 2), (3, 0) AS t(x, y)
SELECT x / y FROM VALUES (1, 2), (3, 0) AS t(x, y) WHERE y <> 0
SELECT id, tokens / id, tokens % 7, tokens div 7, -tokens, tokens * 1.5, cost * 2, cost + tokens FROM requests ORDER BY id
SELECT i + 1 FROM edges
SELECT try_add(i, 1), try_subtract(i, 1), i * 2L, i / 2, abs(n), n * n, n / 3, n + i, n % 0.3 FROM edges
SELECT d * 0, d + 1, d / 2, -d, abs(d), d = d, d > 1, isnan(d), floor(CASE WHEN d < 1e10 AND d > -1e10 THEN d END) FROM edges
SELECT budget / 3, budget * 1.05, round(budget, 1), budget / id, sum(budget) OVER () FROM people ORDER BY id
-- Sums that are tried, and buckets.
try_subtract(1, 2)
try_multiply(1.5, 2)
try_add(1.5D, 2)
try_multiply(9223372036854775807, 2)
try_multiply(2Y, 3S)
try_add(1, 1L)
try_add(TIMESTAMP'2026-01-05 10:20:30', INTERVAL 1 DAY)
try_subtract(DATE'2026-01-05', 1)
try_add(DATE'2026-01-05', 1)
try_mod(5.5, 2)
try_mod(NULL, 2)
width_bucket(-1, 0, 10, 5)
width_bucket(10, 0, 10, 5)
width_bucket(5, 10, 0, 5)
width_bucket(5, 0, 10, 0)
width_bucket(5, 0, 0, 5)
width_bucket(double('NaN'), 0, 10, 5)
width_bucket(NULL, 0, 10, 5)
width_bucket(0, 0, 10, 5)
width_bucket(9.999, 0, 10, 5)
width_bucket(0.3, 0, 1, 10)
width_bucket(5.3, 10.0, 0, 5L)
try_add(2147483647, 1)
try_add(1, 1)
try_add(1.5, 1)
try_add(9223372036854775807, 1)
try_subtract(-2147483648, 1)
try_multiply(2147483647, 2)
try_add(DATE'2026-01-31', INTERVAL 1 MONTH)
try_add(99999999999999999999999999999999999999BD, 1)
try_mod(5, 0)
try_mod(5, 3)
try_add(1D, 2)
try_add('1', 2)
try_add(127Y, 1Y)
width_bucket(2.5, 0, 10, 5)
bit_get(11, 64)
bit_get(11, -1)
bit_get(-1L, 63)
getbit(5Y, 7)
bit_get(NULL, 1)
