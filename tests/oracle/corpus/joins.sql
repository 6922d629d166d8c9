SELECT r.id, p.name FROM requests r JOIN people p ON r.person = p.id ORDER BY r.id
SELECT r.id, p.name FROM requests r LEFT JOIN people p ON r.person = p.id ORDER BY r.id
SELECT r.id, p.name FROM requests r RIGHT JOIN people p ON r.person = p.id ORDER BY p.id, r.id
SELECT r.id, p.name FROM requests r FULL OUTER JOIN people p ON r.person = p.id ORDER BY r.id, p.id
SELECT p.name FROM people p LEFT SEMI JOIN requests r ON r.person = p.id ORDER BY p.id
SELECT p.name FROM people p SEMI JOIN requests r ON r.person = p.id ORDER BY p.id
SELECT p.name FROM people p LEFT ANTI JOIN requests r ON r.person = p.id ORDER BY p.id
SELECT p.name FROM people p ANTI JOIN requests r ON r.person = p.id ORDER BY p.id
SELECT count(*) FROM people CROSS JOIN edges
SELECT count(*) FROM people, edges
SELECT count(*) FROM people JOIN edges
SELECT * FROM (VALUES (1, 'a')) AS x(id, v) JOIN (VALUES (1, 'b')) AS y(id, w) USING (id)
SELECT * FROM (VALUES (1, 'a')) AS x(id, v) NATURAL JOIN (VALUES (1, 'b')) AS y(id, w)
SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS x(id, v) FULL JOIN (VALUES (1, 'c'), (3, 'd')) AS y(id, w) USING (id) ORDER BY id
SELECT id FROM (VALUES (1)) AS x(id) JOIN (VALUES (1)) AS y(id) ON x.id = y.id
SELECT x.*, y.w FROM (VALUES (1, 'a')) AS x(id, v) LEFT JOIN (VALUES (2, 'b')) AS y(id, w) ON x.id = y.id
SELECT a.id, b.id FROM people a JOIN people b ON a.name = b.name AND a.id < b.id
SELECT a.id FROM people a JOIN people b ON a.team <=> b.team WHERE a.id <> b.id ORDER BY 1
SELECT a.id FROM people a JOIN people b ON a.team = b.team AND a.id <> b.id ORDER BY 1
SELECT p.id, r.tokens FROM people p JOIN LATERAL (SELECT tokens FROM requests WHERE person = p.id ORDER BY tokens DESC NULLS LAST LIMIT 1) r ORDER BY 1
SELECT p.id, r.n FROM people p LEFT JOIN LATERAL (SELECT count(*) AS n FROM requests WHERE person = p.id) r ON TRUE ORDER BY 1
SELECT p.id, x FROM people p, LATERAL (SELECT p.id * 2 AS x) ORDER BY 1
SELECT p.name FROM people p JOIN requests r ON p.id = r.person AND r.model = 'opus' WHERE r.tokens > 20 ORDER BY 1
SELECT p.name, count(r.id) FROM people p LEFT JOIN requests r ON p.id = r.person GROUP BY p.name ORDER BY 1
SELECT people.name FROM people JOIN requests ON people.id = requests.person AND people.id = '1' ORDER BY requests.id
SELECT name FROM people JOIN requests ON person = people.id WHERE id = 1
SELECT * FROM people p JOIN (SELECT person AS id, count(*) AS n FROM requests GROUP BY person) c USING (id) ORDER BY id
SELECT a.d FROM edges a JOIN edges b ON a.d <=> b.d ORDER BY a.d --~
SELECT x FROM range(3) t(x)
SELECT id FROM range(5, 8)
SELECT id FROM range(0, 10, 3)
SELECT a.id, b.id FROM range(2) a CROSS JOIN range(2) b ORDER BY 1, 2
