SELECT x FROM VALUES (1), (NULL), (2) AS t(x) ORDER BY x
SELECT x FROM VALUES (1), (NULL), (2) AS t(x) ORDER BY x DESC
SELECT x FROM VALUES (1), (NULL), (2) AS t(x) ORDER BY x NULLS LAST
SELECT x FROM VALUES (1), (NULL), (2) AS t(x) ORDER BY x DESC NULLS FIRST
SELECT d FROM edges ORDER BY d
SELECT d FROM edges ORDER BY d DESC
SELECT d FROM edges ORDER BY d DESC NULLS FIRST
SELECT s FROM edges ORDER BY s
SELECT s FROM edges ORDER BY s DESC
SELECT i FROM edges ORDER BY abs(CAST(i AS BIGINT)), i
SELECT b, i FROM edges ORDER BY b, i DESC
SELECT n FROM edges ORDER BY n
SELECT x FROM VALUES ('a'), ('B'), ('á'), ('Z'), ('') AS t(x) ORDER BY x
SELECT x FROM VALUES ('10'), ('9'), ('1') AS t(x) ORDER BY x
SELECT x FROM VALUES (X'00'), (X'FF'), (X'') AS t(x) ORDER BY x
SELECT x FROM VALUES (TRUE), (FALSE), (NULL) AS t(x) ORDER BY x
SELECT x FROM VALUES (array(2)), (array(1, 5)), (array()), (NULL), (array(NULL)) AS t(x) ORDER BY x
SELECT x FROM VALUES (struct(1, 'b')), (struct(1, 'a')), (struct(NULL, 'z')) AS t(x) ORDER BY x
SELECT x FROM VALUES (double('NaN')), (1D), (NULL), (double('Infinity')) AS t(x) ORDER BY x DESC
SELECT x FROM VALUES (INTERVAL 1 DAY), (INTERVAL 1 HOUR) AS t(x) ORDER BY x
SELECT x AS y FROM VALUES (2), (1) AS t(x) ORDER BY y
SELECT x AS y FROM VALUES (2), (1) AS t(x) ORDER BY x
SELECT -x AS x FROM VALUES (2), (1) AS t(x) ORDER BY x
SELECT x FROM VALUES (2, 1), (1, 2) AS t(x, y) ORDER BY y
SELECT x, y FROM VALUES (2, 1), (1, 2) AS t(x, y) ORDER BY 2, 1
SELECT x FROM VALUES (2), (1) AS t(x) ORDER BY 5
SELECT x FROM VALUES (2), (1) AS t(x) ORDER BY 'x'
SELECT x FROM VALUES (2), (1) AS t(x) ORDER BY ALL DESC
SELECT DISTINCT x FROM VALUES (2, 1), (1, 2) AS t(x, y) ORDER BY y
SELECT id, row_number() OVER (ORDER BY tokens) AS r, row_number() OVER (ORDER BY tokens DESC) AS s FROM requests ORDER BY id
SELECT id, rank() OVER (ORDER BY cost) AS r, rank() OVER (ORDER BY cost DESC NULLS FIRST) AS s FROM requests ORDER BY id
SELECT first_value(tokens) OVER (ORDER BY tokens) AS a, last_value(tokens) OVER (ORDER BY tokens) AS b FROM requests ORDER BY id
SELECT min(x), max(x) FROM VALUES (double('NaN')), (1D), (NULL) AS t(x)
SELECT sort_array(collect_list(d)), array_sort(collect_list(d)) FROM edges
SELECT name FROM people ORDER BY team NULLS LAST, name DESC NULLS LAST
SELECT model FROM requests ORDER BY lower(model) DESC, id LIMIT 4
