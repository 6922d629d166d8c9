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
-- Maps of maps and of texts.
map_concat(map(1,'a'), map(2,'b'))
map_concat(map(1,'a'), map(1,'b'))
map_concat(map(1,'a'), NULL)
map_concat()
map_concat(map(1,'a'))
map_concat(map(1,'a'), map('x', 'b'))
map_concat(map(1,'a'), map(1.5, 'b'))
map_concat(map(1,'a'), array(1))
transform_keys(map(1,'a',2,'b'), (k,v) -> k + 1)
transform_keys(map(1,'a',2,'b'), (k,v) -> 1)
transform_keys(map(1,'a',2,'b'), (k,v) -> NULL)
transform_keys(map(1,'a',2,'b'), (k,v) -> CAST(NULL AS INT))
transform_keys(map(1,'a',2,'b'), (k,v) -> v)
transform_keys(map(), (k,v) -> 1)
transform_keys(NULL::MAP<INT,INT>, (k,v) -> 1) AS x
transform_values(map(1,'a',2,'b'), (k,v) -> concat(v, k))
transform_values(map(1,'a',2,'b'), (k,v) -> NULL)
transform_values(NULL::MAP<INT,INT>, (k,v) -> 1) AS x
transform_values(map(), (k,v) -> 1)
transform_values(map(1, 2), k -> 1)
map_zip_with(map(1,'a',2,'b'), map(2,'c',3,'d'), (k,a,b) -> concat(a,b))
map_zip_with(map(1,'a',2,'b'), map(2,'c',3,'d'), (k,a,b) -> coalesce(a,b))
map_zip_with(map(1,'a'), map('1','c'), (k,a,b) -> coalesce(a,b))
map_zip_with(map(1,'a'), map(1.5,'c'), (k,a,b) -> coalesce(a,b))
map_zip_with(map(1,'a'), NULL, (k,a,b) -> coalesce(a,b))
map_zip_with(map(1,'a'), NULL::MAP<INT,INT>, (k,a,b) -> coalesce(a,b)) AS x
map_zip_with(map(1,'a'), map(1, 'b'), (k,a) -> a)
str_to_map('a:1,b:2')
str_to_map('a:1,b')
str_to_map('')
str_to_map(NULL)
str_to_map('a=1;b=2', ';', '=')
str_to_map('a:1,a:2')
str_to_map('a:1:2,b:', ',', ':')
str_to_map('a1b22c', '[0-9]', 'x')
str_to_map('a1b22c', '[0-9]+')
str_to_map('a.1', '|', '.')
str_to_map('a:1,,b:2,')
str_to_map('a:1,b:2', '', ':')
str_to_map('ab,cd', ',', '')
map_concat(map(), map(1, 2))
map_concat(map(1, 2), map(1L, 2L))
SELECT id, transform_values(tags, (k, v) -> v || k) AS x, map_concat(tags, map('zz', 'x')) AS y, map_zip_with(tags, map('a', 7), (k, a, b) -> coalesce(a, 'none') || coalesce(b, 0)) AS z FROM requests ORDER BY id
str_to_map('a|1;b|2', ';', '\\|')
transform_values(map('a', map('b', 1)), (k, v) -> transform_values(v, (k2, v2) -> k || k2 || v2))
transform_keys(map(1, 2), k -> 1)
