-- Aggregates that heed an order, lines of regression, and sums that are tried.
SELECT mode(a, true) FROM VALUES (1),(2),(2),(1),(3) AS t(a)
SELECT mode() WITHIN GROUP (ORDER BY a) FROM VALUES (1),(2),(2),(1),(3) AS t(a)
SELECT mode() WITHIN GROUP (ORDER BY a DESC) FROM VALUES (1),(2),(2),(1),(3) AS t(a)
SELECT mode(a) FROM VALUES ('x'),(NULL),(NULL) AS t(a)
SELECT mode(DISTINCT a) FROM VALUES ('x'),(NULL),(NULL) AS t(a)
SELECT mode(a) FROM VALUES (array(1)) AS t(a)
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a DESC) FROM VALUES (1),(2),(3),(10) AS t(a)
SELECT percentile_cont(0.25) WITHIN GROUP (ORDER BY a DESC) FROM VALUES (1),(2),(3),(10) AS t(a)
SELECT percentile_cont(array(0.25, 0.5)) WITHIN GROUP (ORDER BY a DESC) FROM VALUES (1),(2),(3),(10) AS t(a)
SELECT percentile_disc(0.25) WITHIN GROUP (ORDER BY a DESC) FROM VALUES (1),(2),(3),(10) AS t(a)
SELECT percentile_disc(0.3) WITHIN GROUP (ORDER BY a) FROM VALUES (1),(2),(3),(10) AS t(a)
SELECT percentile_disc(array(0.3,0.9)) WITHIN GROUP (ORDER BY a) FROM VALUES (1),(2),(3),(10) AS t(a)
SELECT percentile_disc(0.3) WITHIN GROUP (ORDER BY a) FROM VALUES (1.5),(2),(3),(10) AS t(a)
SELECT percentile_disc(0.3) WITHIN GROUP (ORDER BY a) FROM VALUES ('a'),('b') AS t(a)
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a) FROM VALUES (INTERVAL '1' DAY),(INTERVAL '2' DAY) AS t(a)
SELECT percentile_cont(1.5) WITHIN GROUP (ORDER BY a) FROM VALUES (1) AS t(a)
SELECT percentile_cont(0.5) FROM VALUES (1) AS t(a)
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a) FILTER (WHERE a > 1) FROM VALUES (1),(2) AS t(a)
SELECT percentile_cont(NULL) WITHIN GROUP (ORDER BY a) FROM VALUES (1),(2) AS t(a)
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a NULLS LAST) FROM VALUES (1),(NULL) AS t(a)
SELECT listagg(a) FROM VALUES ('a'),('b'),(NULL) AS t(a)
SELECT listagg(a, ',') FROM VALUES ('a'),('b'),(NULL) AS t(a)
SELECT listagg(a, ', ') WITHIN GROUP (ORDER BY a DESC) FROM VALUES ('a'),('b'),(NULL) AS t(a)
SELECT listagg(a, ', ') WITHIN GROUP (ORDER BY b, a DESC) FROM VALUES ('a',1),('b',1),(NULL,0) AS t(a,b)
SELECT listagg(DISTINCT a, ', ') WITHIN GROUP (ORDER BY a DESC) FROM VALUES ('a'),('b'),('a') AS t(a)
SELECT listagg(DISTINCT a, ', ') FROM VALUES ('a'),('b'),('a') AS t(a)
SELECT listagg(DISTINCT a, ', ') WITHIN GROUP (ORDER BY b) FROM VALUES ('a',1),('b',2) AS t(a,b)
SELECT listagg(a, ', ') FROM VALUES (1),(2) AS t(a)
SELECT listagg(a, NULL) FROM VALUES (1),(2) AS t(a)
SELECT listagg(a, b) FROM VALUES (1,'x'),(2,'y') AS t(a,b)
SELECT string_agg(a, '|') FILTER (WHERE a <> 'a') FROM VALUES ('a'),('b') AS t(a)
SELECT listagg(a, X'2C') FROM VALUES (X'41'),(X'42') AS t(a)
SELECT sum(a) WITHIN GROUP (ORDER BY a) FROM VALUES (1) AS t(a)
SELECT percentile(a, 0.5) WITHIN GROUP (ORDER BY a) FROM VALUES (1) AS t(a)
SELECT percentile(a, 0.5, 2) FROM VALUES (1),(2),(3) AS t(a)
SELECT percentile(a, 0.5, f) FROM VALUES (1,3),(2,0),(3,1) AS t(a,f)
SELECT percentile(a, 0.5, -1) FROM VALUES (1),(2),(3) AS t(a)
SELECT try_sum(a) FROM VALUES (9223372036854775807L),(1L) AS t(a)
SELECT try_sum(a) FROM VALUES (99999999999999999999999999999999999999BD),(1BD) AS t(a)
SELECT try_sum(a) FROM VALUES (INTERVAL '1' DAY) AS t(a)
SELECT try_avg(a) FROM VALUES (99999999999999999999999999999999999999BD),(1BD) AS t(a) --~
SELECT try_avg(a) FROM VALUES (1.5),(2.5) AS t(a) --~
SELECT try_sum(a) FROM VALUES ('1') AS t(a)
SELECT try_sum(a) FROM VALUES ('x') AS t(a)
SELECT regr_slope(y, x), regr_intercept(y,x), regr_r2(y,x), regr_avgx(y,x), regr_avgy(y,x), regr_sxx(y,x), regr_syy(y,x), regr_sxy(y,x) FROM VALUES (1,2),(2,3),(2,5),(NULL,1),(4,NULL) AS t(y,x) --~
SELECT regr_slope(y, x), regr_intercept(y,x), regr_r2(y,x), regr_avgx(y,x), regr_avgy(y,x), regr_sxx(y,x), regr_syy(y,x), regr_sxy(y,x) FROM VALUES (1,2) AS t(y,x) --~
SELECT regr_slope(y, x), regr_intercept(y,x), regr_r2(y,x), regr_avgx(y,x), regr_avgy(y,x), regr_sxx(y,x), regr_syy(y,x), regr_sxy(y,x) FROM VALUES (1,2),(3,2) AS t(y,x) --~
SELECT regr_slope(y, x), regr_intercept(y,x), regr_r2(y,x), regr_avgx(y,x), regr_avgy(y,x), regr_sxx(y,x), regr_syy(y,x), regr_sxy(y,x) FROM VALUES (3,2),(3,5) AS t(y,x) --~
SELECT mode(a) FROM VALUES (1),(2),(2),(1),(2) AS t(a)
SELECT mode(a) FROM VALUES (0D),(-0D),(-0D),(double('NaN')) AS t(a)
SELECT mode(a) FROM VALUES (1) AS t(a) WHERE false
SELECT mode(a, NULL) FROM VALUES ('a') AS t(a)
SELECT mode() FROM VALUES ('a') AS t(a)
SELECT mode() WITHIN GROUP (ORDER BY a, a) FROM VALUES ('a') AS t(a)
SELECT mode(a) WITHIN GROUP (ORDER BY a) FROM VALUES ('a') AS t(a)
SELECT model, mode() WITHIN GROUP (ORDER BY tokens DESC) AS x FROM requests GROUP BY model ORDER BY model
SELECT mode(a) OVER (ORDER BY a) AS x FROM VALUES (1),(2) AS t(a)
SELECT percentile_disc(0.07) WITHIN GROUP (ORDER BY id) FROM range(1,101)
SELECT percentile_disc(0.07) WITHIN GROUP (ORDER BY id DESC) FROM range(1,101)
SELECT percentile_disc(array(0, 0.29, 0.58, 1)) WITHIN GROUP (ORDER BY id) FROM range(1,101)
SELECT percentile_cont(0.07) WITHIN GROUP (ORDER BY id DESC) FROM range(1,101)
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a, a) FROM VALUES (1) AS t(a)
SELECT percentile_cont(a) WITHIN GROUP (ORDER BY a) FROM VALUES (1) AS t(a)
SELECT percentile_cont(DISTINCT 0.5) WITHIN GROUP (ORDER BY a) FROM VALUES (1) AS t(a)
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a) FROM VALUES (CAST(NULL AS INT)) AS t(a)
SELECT percentile_disc(array(0.5)) WITHIN GROUP (ORDER BY a) FROM VALUES (CAST(NULL AS INT)) AS t(a)
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a) OVER (PARTITION BY b) AS x FROM VALUES (1,1),(2,1),(3,2) AS t(a,b)
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a) OVER (ORDER BY a) AS x FROM VALUES (1),(2) AS t(a)
SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY a DESC) OVER (PARTITION BY b) AS x FROM VALUES (1,1),(2,1),(3,2) AS t(a,b)
SELECT model, percentile_cont(0.9) WITHIN GROUP (ORDER BY tokens) AS p90, percentile_disc(0.9) WITHIN GROUP (ORDER BY cost DESC) AS d90 FROM requests GROUP BY model ORDER BY model --~
SELECT listagg(DISTINCT a, ',') WITHIN GROUP (ORDER BY a) FROM VALUES (10),(9) AS t(a)
SELECT listagg(a, ',') WITHIN GROUP (ORDER BY a) FROM VALUES (10),(9) AS t(a)
SELECT listagg(a, ',') WITHIN GROUP (ORDER BY a) FROM VALUES (true) AS t(a)
SELECT listagg(a, ',') WITHIN GROUP (ORDER BY a) FROM VALUES (DATE'2026-01-01') AS t(a)
SELECT listagg(a, ',') WITHIN GROUP (ORDER BY a) FROM VALUES (1.50BD) AS t(a)
SELECT listagg(a, ',') WITHIN GROUP (ORDER BY a) FROM VALUES (array(1)) AS t(a)
SELECT listagg(a, 1) FROM VALUES ('a'),('b') AS t(a)
SELECT listagg(a, ',') WITHIN GROUP (ORDER BY length(a), a DESC NULLS FIRST) FROM VALUES ('a'),('b'),('ccc'),(NULL) AS t(a)
SELECT string_agg(a, '|') FROM VALUES ('a') AS t(a) WHERE false
SELECT listagg(DISTINCT a, '|') FROM VALUES ('a') AS t(a) WHERE false
SELECT person, listagg(DISTINCT model, ', ') WITHIN GROUP (ORDER BY model) AS x FROM requests GROUP BY person ORDER BY person
SELECT listagg(a, '|') WITHIN GROUP (ORDER BY a) OVER (PARTITION BY 1) AS x FROM VALUES ('a'),('b') AS t(a)
SELECT listagg(a, '|') OVER (ORDER BY a) AS x FROM VALUES ('a'),('b') AS t(a)
SELECT regr_slope(y, x) FROM VALUES ('1',2),('3',3) AS t(y,x) --~
skewness(NULL) --~
SELECT skewness(x), kurtosis(x) FROM VALUES (1),(2),(10) t(x) --~
SELECT skewness(x), kurtosis(x) FROM VALUES (1000000001.5D),(1000000002.25D),(1000000010.75D),(NULL) t(x) --~
SELECT skewness(x), kurtosis(x) FROM VALUES (3) t(x) --~
SELECT skewness(x), kurtosis(x) FROM VALUES (3),(3) t(x) --~
SELECT skewness(x), kurtosis(x) FROM VALUES (3),(4) t(x) --~
SELECT skewness(x), kurtosis(x) FROM VALUES ('3'),('4'),('9') t(x) --~
SELECT skewness(DISTINCT x), kurtosis(DISTINCT x) FROM VALUES (3),(4),(4),(9) t(x) --~
SELECT skewness(x) OVER (ORDER BY x) FROM VALUES (3),(4),(7) t(x) --~
SELECT skewness(x) FILTER (WHERE x < 9) FROM VALUES (3),(4),(7),(9) t(x) --~
SELECT skewness(x) FROM VALUES (1) t(x) WHERE false --~
SELECT skewness(x), kurtosis(x) FROM VALUES (double('NaN')),(1) t(x) --~
