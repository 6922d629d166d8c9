SELECT model, count(*) FROM requests GROUP BY model ORDER BY model
SELECT model, person, count(*) FROM requests GROUP BY ALL ORDER BY ALL
SELECT model, count(*) FROM requests GROUP BY 1 ORDER BY 2 DESC, 1
SELECT model AS m, count(*) FROM requests GROUP BY m ORDER BY m
SELECT upper(model) AS m, sum(tokens) FROM requests GROUP BY upper(model) HAVING sum(tokens) > 100 ORDER BY m
SELECT model, person, sum(tokens) FROM requests GROUP BY ROLLUP (model, person) ORDER BY 1, 2, 3
SELECT model, person, sum(tokens) FROM requests GROUP BY CUBE (model, person) ORDER BY 1, 2, 3
SELECT model, person, sum(tokens) FROM requests GROUP BY GROUPING SETS ((model), (person), ()) ORDER BY 1, 2, 3
SELECT model, sum(tokens) FROM requests GROUP BY model WITH ROLLUP ORDER BY 1, 2
SELECT model, sum(tokens) FROM requests GROUP BY model WITH CUBE ORDER BY 1, 2
SELECT model, grouping(model), grouping_id(), count(*) FROM requests GROUP BY ROLLUP (model) ORDER BY 1, 2
SELECT model, person, grouping_id(model, person) AS g, count(*) FROM requests GROUP BY CUBE (model, person) ORDER BY 3, 1, 2
SELECT count(*) FROM requests HAVING count(*) > 100
SELECT count(*) FROM requests WHERE FALSE
SELECT model FROM requests WHERE FALSE GROUP BY model
SELECT sum(tokens) FROM requests WHERE FALSE
SELECT count(*), count(tokens), count(DISTINCT model), count(DISTINCT model, person) FROM requests
SELECT model, tokens FROM requests GROUP BY model
SELECT sum(sum(tokens)) FROM requests
SELECT model, max(tokens) FROM requests GROUP BY model HAVING max(tokens) IS NULL
SELECT person, count(*) FILTER (WHERE tokens > 20) AS many, sum(tokens) FILTER (WHERE model = 'opus') FROM requests GROUP BY person ORDER BY person
SELECT DISTINCT model FROM requests ORDER BY model
SELECT DISTINCT model, person FROM requests ORDER BY model, person LIMIT 3
SELECT person % 2 AS odd, avg(tokens) FROM requests GROUP BY person % 2 ORDER BY odd
SELECT d, count(*) FROM edges GROUP BY d ORDER BY d
SELECT s, count(*) FROM edges GROUP BY s ORDER BY s
SELECT b, count(*), sum(i) FROM edges GROUP BY b ORDER BY b
SELECT team, sum(budget), avg(budget), min(joined) FROM people GROUP BY team ORDER BY team
SELECT team, array_sort(collect_list(name)), collect_set(name) FROM people GROUP BY team ORDER BY team
SELECT max_by(name, budget), min_by(name, budget), max(budget), mode(name) FROM people
SELECT first(name), last(name), any_value(team) FROM (SELECT * FROM people ORDER BY id)
SELECT listagg(name, ',') WITHIN GROUP (ORDER BY name) FROM people
SELECT listagg(DISTINCT name) WITHIN GROUP (ORDER BY name DESC) FROM people
SELECT percentile(tokens, 0.5), percentile_approx(tokens, 0.5), median(tokens), percentile_cont(0.5) WITHIN GROUP (ORDER BY tokens), percentile_disc(0.5) WITHIN GROUP (ORDER BY tokens) FROM requests
SELECT percentile(tokens, array(0, 0.25, 1)), percentile(tokens, 0.5, 2) FROM requests
SELECT percentile_approx(cost, array(0.1, 0.5, 0.9)) FROM requests
SELECT approx_count_distinct(model), approx_count_distinct(tokens, 0.01) FROM requests
SELECT count_if(tokens > 10), bool_and(tokens > -10), bool_or(tokens > 999), every(tokens IS NULL), some(tokens IS NULL) FROM requests
SELECT stddev(tokens), stddev_pop(tokens), variance(tokens), var_pop(tokens), skewness(tokens), kurtosis(tokens) FROM requests --~
SELECT corr(tokens, id), covar_pop(tokens, id), regr_slope(tokens, id), regr_intercept(tokens, id), regr_r2(tokens, id), regr_count(tokens, id) FROM requests --~
SELECT bit_and(id), bit_or(id), bit_xor(id) FROM requests
SELECT histogram_numeric(id, 3) FROM requests
SELECT max(model), min(model), max(tags['a']) FROM requests
SELECT sum(DISTINCT person), avg(DISTINCT person) FROM requests
SELECT try_sum(tokens), try_avg(tokens), avg(cost), sum(cost), min(cost), max(cost) FROM requests --~
SELECT hll_sketch_estimate(hll_sketch_agg(model)) FROM requests
SELECT bitmap_count(bitmap_construct_agg(bitmap_bit_position(id))) FROM requests
SELECT model, row_number() OVER (ORDER BY count(*) DESC, model) AS r FROM requests GROUP BY model ORDER BY r
SELECT model, sum(tokens) / sum(sum(tokens)) OVER () AS share FROM requests GROUP BY model ORDER BY model
SELECT date_trunc('HOUR', at) AS h, model, count(*) AS n FROM requests GROUP BY ALL HAVING n > 0 ORDER BY h, model
SELECT count(*) AS n, n + 1 AS m FROM requests
SELECT id AS a, a + 1 AS b, b * 2 AS c FROM people ORDER BY id
SELECT person FROM requests GROUP BY person ORDER BY sum(tokens) DESC NULLS LAST, person
SELECT 1 FROM requests GROUP BY ()
SELECT model, count(*) c FROM requests GROUP BY model ORDER BY c DESC, model LIMIT 2 OFFSET 1
SELECT count(tags), count(parts) FROM requests
SELECT count(DISTINCT parts) FROM requests
SELECT parts, count(*) FROM requests GROUP BY parts ORDER BY 2, to_json(parts)
SELECT tags, count(*) FROM requests GROUP BY tags
SELECT regr_avgy(tokens, id), regr_sxy(tokens, id), regr_syy(tokens, id), std(tokens), stddev_samp(tokens) FROM requests --~
SELECT bitmap_count(bitmap_or_agg(b)) FROM (SELECT bitmap_construct_agg(bitmap_bit_position(id)) AS b FROM requests)
SELECT bitmap_bucket_number(123), bitmap_bucket_number(32769), bitmap_bit_position(123), bitmap_bit_position(32769)
SELECT hll_sketch_estimate(hll_union_agg(h)) FROM (SELECT hll_sketch_agg(model) AS h FROM requests GROUP BY person)
SELECT hll_sketch_estimate(hll_union(hll_sketch_agg(model), hll_sketch_agg(person))) FROM requests
SELECT count_min_sketch(id, 0.5D, 0.5D, 1) FROM requests
SELECT approx_top_k(model, 2) FROM requests
SELECT theta_sketch_estimate(theta_sketch_agg(model)) FROM requests
SELECT session_window(at, '2 hours').start AS s, count(*) FROM requests GROUP BY 1 ORDER BY 1
SELECT collect_list(DISTINCT model) IS NULL, size(collect_set(model)), array_size(array_agg(model)) FROM requests
SELECT person, listagg(model, '|') WITHIN GROUP (ORDER BY model) FROM requests GROUP BY person ORDER BY person
SELECT person, max_by(model, tokens), min_by(model, tokens), max(model) FROM requests WHERE person < 4 GROUP BY person ORDER BY person
SELECT count(*) FILTER (WHERE model = 'opus') / count(*) FROM requests
SELECT round(100.0 * count_if(tokens > 20) / count(*), 1) AS share FROM requests
SELECT model, percentile(tokens, 0.95), approx_percentile(tokens, 0.95) FROM requests GROUP BY model ORDER BY model --~
SELECT date(at) AS day, hour(at) AS h, sum(cost) AS c FROM requests GROUP BY day, h ORDER BY day, h
SELECT to_json(collect_list(struct(id, model))) FROM (SELECT * FROM requests ORDER BY id) WHERE id < 4
-- grouping sets, and negative zeros, which are positive once they are grouped
SELECT team, count(*) FROM people GROUP BY CUBE (team)
SELECT team, count(*) FROM people GROUP BY team WITH ROLLUP
SELECT d, count(*) FROM edges GROUP BY ROLLUP (d)
SELECT * FROM (VALUES (1, 'x', 1)) AS t(d, m, v) PIVOT (sum(v) FOR m IN ('x'))
SELECT * FROM VALUES (1, 'x', 1) AS t(d, m, v) PIVOT (sum(v) FOR m IN ('x'))
SELECT * FROM (SELECT * FROM VALUES (1, 'x', 1) AS t(d, m, v)) PIVOT (sum(v) FOR m IN ('x'))
SELECT * FROM VALUES (struct(1 AS a, 2 AS b), 3)
SELECT grouping(team), team, count(*) FROM people GROUP BY ROLLUP (team)
SELECT grouping_id(), team, count(*) FROM people GROUP BY ROLLUP (team)
SELECT model, person, sum(tokens) FROM requests GROUP BY model, person GROUPING SETS ((model, person), model, ()) ORDER BY 1, 2, 3
SELECT model, person, sum(tokens) FROM requests GROUP BY 1, 2 WITH CUBE ORDER BY 1, 2, 3
SELECT model, person, grouping_id() AS g, count(*) FROM requests GROUP BY CUBE (person, model) ORDER BY 3, 1, 2
SELECT model, person, grouping_id(person) AS g, count(*) FROM requests GROUP BY CUBE (person, model) ORDER BY 3, 1, 2
SELECT model, grouping(person) AS g, count(*) FROM requests GROUP BY CUBE (model)
SELECT model, grouping(model) AS g, count(*) FROM requests GROUP BY model
SELECT grouping(1)
SELECT upper(model), count(*) FROM requests GROUP BY ROLLUP (upper(model)) ORDER BY ALL
SELECT model, count(*) FROM requests GROUP BY person, ROLLUP (model) ORDER BY ALL DESC
SELECT model, person, count(*) FROM requests GROUP BY ROLLUP ((model, person), id) ORDER BY ALL
SELECT model, sum(tokens) FROM requests GROUP BY ROLLUP (model) HAVING grouping(model) = 1
SELECT model, sum(tokens) FROM requests GROUP BY ROLLUP (model) ORDER BY grouping(model), 1
SELECT model, count(*) FROM requests GROUP BY GROUPING SETS (ROLLUP (model), person) ORDER BY ALL
SELECT model, count(*) FROM requests GROUP BY (model)
SELECT model, person, count(*) FROM requests GROUP BY (model, person)
SELECT model, sum(tokens), rank() OVER (PARTITION BY grouping(model) ORDER BY sum(tokens)) FROM requests GROUP BY ROLLUP (model)
SELECT * FROM (VALUES (1, 'x', 1)) AS t(d, m, v) PIVOT (sum(t.v) FOR m IN ('x'))
SELECT * FROM people AS p PIVOT (count(p.id) FOR team IN ('red', 'blue')) ORDER BY ALL
SELECT coalesce(model, 'all') AS m, sum(tokens) FROM requests GROUP BY ROLLUP (model) ORDER BY 2
SELECT person IS NULL, count(*) FROM requests GROUP BY CUBE (person) ORDER BY ALL
SELECT tokens, sum(tokens), count(tokens) FROM requests WHERE id < 4 GROUP BY ROLLUP (tokens) ORDER BY ALL
SELECT id % 2, count(*) FROM requests GROUP BY ROLLUP (id % 2) ORDER BY ALL
SELECT d, count(*) FROM (VALUES (-0.0D), (0.0D), (CAST('NaN' AS DOUBLE)), (1D)) AS t(d) GROUP BY d
SELECT d + 1, 'x' || d, count(*) FROM (VALUES (-0.0D), (0.0D)) AS t(d) GROUP BY d
SELECT DISTINCT d FROM (VALUES (-0.0D), (0.0D)) AS t(d)
SELECT DISTINCT d FROM (VALUES (-0.0D), (0.0D), (1D)) AS t(d) ORDER BY d
SELECT -0.0D UNION SELECT 0.0D
SELECT -0.0D UNION ALL SELECT 0.0D
SELECT x, count(*) FROM (VALUES (array(-0.0D)), (array(0.0D))) AS t(x) GROUP BY x
SELECT d, count(*) OVER (PARTITION BY d) FROM (VALUES (-0.0D), (0.0D)) AS t(d)
SELECT CAST(d AS STRING), count(*) FROM (VALUES (-0.0D)) AS t(d) GROUP BY ALL
SELECT CAST(d AS STRING), count(*) FROM (VALUES (-0.0D)) AS t(d) GROUP BY d
SELECT d * 1, count(*) FROM (VALUES (-0.0D)) AS t(d) GROUP BY d * 1
SELECT d * 1, count(*) FROM (VALUES (-0.0D)) AS t(d) GROUP BY 1
SELECT d, grouping(d), count(*) FROM (VALUES (-0.0D)) AS t(d) GROUP BY GROUPING SETS ((d), ())
SELECT d, count(*) FROM (VALUES (-0.0D), (2D)) AS t(d) GROUP BY ROLLUP (d) ORDER BY d
SELECT d, count(*) FROM (VALUES (-0.0D), (2D)) AS t(d) GROUP BY d ORDER BY d DESC
SELECT count(DISTINCT d), collect_set(d), sum(DISTINCT d) FROM (VALUES (-0.0D), (0.0D)) AS t(d)
SELECT a.d, b.d FROM (VALUES (-0.0D)) AS a(d) JOIN (VALUES (0.0D)) AS b(d) ON a.d = b.d
SELECT * FROM (VALUES (-0.0D)) AS a(d) JOIN (VALUES (0.0D)) AS b(d) USING (d)
SELECT d FROM (VALUES (-0.0D), (0.0D)) AS t(d) ORDER BY d
SELECT * FROM (VALUES (-0.0D, 'x', 1)) AS t(d, m, v) PIVOT (sum(v) FOR m IN ('x'))
SELECT x, count(*) FROM (VALUES (-0.0F), (0.0F)) AS t(x) GROUP BY x
SELECT d AS e, count(*) FROM (VALUES (-0.0D)) AS t(d) GROUP BY e
SELECT d AS e, count(*) FROM (VALUES (-0.0D)) AS t(d) GROUP BY 1 HAVING count(*) > 0
SELECT sum(c) FROM (SELECT d, count(*) AS c FROM (VALUES (-0.0D)) AS t(d) GROUP BY d)
SELECT d, sum(1) OVER (PARTITION BY d ORDER BY d) FROM (VALUES (-0.0D), (0.0D)) AS t(d) GROUP BY d
SELECT * FROM VALUES (struct(1 AS a, 2 AS b)), (struct(3 AS a, 4 AS b))
SELECT DISTINCT x FROM (VALUES (array(-0.0F), 1), (array(0.0F), 2)) AS t(x, y)
SELECT x.a, count(*) FROM (VALUES (struct(-0.0D AS a), 1), (struct(0.0D AS a), 2)) AS t(x, y) GROUP BY x
