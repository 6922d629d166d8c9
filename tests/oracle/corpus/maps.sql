map('a', 1)['a']
map('a', 1)['b']
element_at(map('a', 1), 'b')
map('a', 1, 'a', 2)
map(NULL, 1)
map('a')
map(1, 'x')['1']
map(1, 'x')[1L]
map_keys(map('a', 1, 'b', 2))
map_values(map('a', 1, 'b', NULL))
map_entries(map('a', 1))
map_from_arrays(array('a', 'b'), array(1, 2))
map_from_arrays(array('a', NULL), array(1, 2))
map_from_arrays(array('a'), array(1, 2))
map_from_entries(array(struct('a', 1), struct('b', 2)))
map_from_entries(array(struct('a', 1), struct('a', 2)))
map_concat(map('a', 1), map('b', 2))
map_concat(map('a', 1), map('a', 2))
map_concat()
map_contains_key(map('a', 1), 'a')
map_contains_key(map('a', 1), NULL)
map_filter(map('a', 1, 'b', 2), (k, v) -> v > 1)
transform_keys(map('a', 1), (k, v) -> upper(k))
transform_keys(map('a', 1, 'b', 2), (k, v) -> 'x')
transform_values(map('a', 1), (k, v) -> v + 1)
map_zip_with(map('a', 1), map('a', 2, 'b', 3), (k, x, y) -> coalesce(x, 0) + y)
str_to_map('a:1,b:2')
str_to_map('a=1;b=2', ';', '=')
str_to_map('a')
str_to_map('a:1,a:2')
size(map())
size(map('a', 1, 'b', 2))
cardinality(map('a', 1))
explode(map('a', 1, 'b', 2))
posexplode(map('a', 1))
map('a', map('b', 1))['a']['b']
map('a', 1) = map('a', 1)
map(array(1), 2)[array(1)]
map('x', 1).x
SELECT id, tags['a'], size(tags), map_keys(tags), map_contains_key(tags, 'c'), element_at(tags, 'b') FROM requests ORDER BY id
SELECT tags['c'] AS c, count(*) FROM requests GROUP BY 1 ORDER BY 1
SELECT id, k, v FROM requests LATERAL VIEW explode(tags) AS k, v ORDER BY id, k
SELECT DISTINCT tags FROM requests
SELECT id FROM requests ORDER BY tags
SELECT map_filter(tags, (k, v) -> v IS NOT NULL) FROM requests ORDER BY id
