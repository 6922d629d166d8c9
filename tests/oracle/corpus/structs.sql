struct(1, 'a')
struct(1 AS a, 'b' AS b)
named_struct('a', 1, 'b', 'x')
named_struct('a', 1).a
struct(1, 2).col1
struct(1, 2).col3
struct(1 AS a, 2 AS a).a
named_struct('a', 1)['a']
named_struct('a')
named_struct('A', 1).a
struct(struct(1 AS b) AS a).a.b
struct()
struct(NULL)
struct(1 AS a) = struct(1 AS b)
struct(1, NULL) IS NULL
struct(1, 'a') IN (struct(1, 'a'))
(1, 2)
(1, 2).col1
to_json(struct(1 AS a, NULL AS b))
CAST(struct(1, 'a') AS STRING)
CAST(named_struct('a', 1) AS STRUCT<b: STRING>)
array(struct(1 AS a, 2 AS b)).b AS b
map('k', struct(1 AS a))['k'].a
coalesce(NULL, struct(1 AS a))
CASE WHEN TRUE THEN struct(1 AS a) ELSE struct(2 AS b) END
SELECT s.* FROM (SELECT struct(1 AS a, 2 AS b) AS s)
SELECT s.a, s.b.c FROM (SELECT named_struct('a', 1, 'b', named_struct('c', 2)) AS s)
SELECT s.x FROM (SELECT struct(1 AS a) AS s)
SELECT struct(id, name) AS s FROM people ORDER BY id
SELECT struct(*) FROM people ORDER BY id
SELECT max(struct(budget, name)) FROM people
SELECT max(struct(id, name)).name FROM people
SELECT struct(team) AS s, count(*) FROM people GROUP BY 1 ORDER BY 1
SELECT p.name, r.s.model FROM people p JOIN (SELECT person, struct(model, tokens) AS s FROM requests) r ON p.id = r.person ORDER BY 1, 2
