parse_json('{"a":1}')
parse_json('[1, 2.50, 1e3, "x", true, null]')
parse_json('bad')
try_parse_json('bad')
parse_json(NULL)
parse_json('12345678901234567890')
parse_json('0.1')
parse_json('{"b":1,"a":2}')
parse_json('{"a":1,"a":2}')
variant_get(parse_json('{"a":1}'), '$.a', 'int')
variant_get(parse_json('{"a":1}'), '$.a')
variant_get(parse_json('{"a":"x"}'), '$.a', 'int')
try_variant_get(parse_json('{"a":"x"}'), '$.a', 'int')
variant_get(parse_json('{"a":[1,2]}'), '$.a[1]', 'string')
variant_get(parse_json('{"a":1}'), '$.b', 'int')
variant_get(parse_json('{"a":{"b":1}}'), '$.a', 'string')
variant_get(parse_json('{"a":1}'), '$.a', 'map<string,int>')
variant_get(parse_json('{"a":[1,2]}'), '$.a', 'array<int>')
variant_get(parse_json('{"a":1.9}'), '$.a', 'int')
variant_get(parse_json('{"a":"2026-01-05"}'), '$.a', 'date')
variant_get(parse_json('{"a":true}'), '$.a', 'string')
variant_get(parse_json('{"a b":1}'), '$["a b"]', 'int')
variant_get(parse_json('[1]'), '$[0]', 'int')
variant_get(parse_json('1'), '$', 'bigint')
variant_get(parse_json('{"a":null}'), '$.a', 'int')
variant_get(parse_json('{"a":1}'), 'a', 'int')
parse_json('{"a":{"b":[10,20]}}'):a.b[1]
parse_json('{"a":{"b":[10,20]}}'):a.b[1]::INT
parse_json('{"a":"x"}'):a::STRING
parse_json('{"A":1}'):a
parse_json('{"a b":1}'):['a b']
parse_json('{"a b":1}'):`a b`
parse_json('{"a":1}'):x
parse_json('[1,2]'):[0]
parse_json('{"a":1}'):a = 1
parse_json('5')::INT + 1
parse_json('"5"')::INT
parse_json('"x"')::INT
parse_json('"x"')::STRING
parse_json('{"a":1}')::STRING
parse_json('1.50')::STRING
parse_json('null') IS NULL
is_variant_null(parse_json('null'))
is_variant_null(parse_json('1'))
is_variant_null(NULL)
schema_of_variant(parse_json('{"a":1,"b":[1.5,"x"]}'))
typeof(parse_json('1'))
to_json(parse_json('{"b":1,"a":[1,null]}'))
CAST(array(1, 2) AS VARIANT)
CAST(1.5D AS VARIANT)
CAST(DATE'2026-01-05' AS VARIANT)
to_variant_object(struct(1 AS a))
to_variant_object(map('a', 1))
TRY_CAST(parse_json('"x"') AS INT)
parse_json('1') = parse_json('1')
parse_json('[1,2]')::ARRAY<INT>
parse_json('{"a":1}')::STRUCT<a: INT>
parse_json('{"a":1}')::MAP<STRING, INT>
SELECT schema_of_variant_agg(parse_json(j)) FROM VALUES ('1'), ('"a"') AS t(j)
SELECT key, value FROM variant_explode(parse_json('{"a":1,"b":"x"}'))
SELECT pos, value FROM variant_explode(parse_json('[1,2]'))
SELECT v:a::INT AS a FROM (SELECT parse_json(j) AS v FROM VALUES ('{"a":2}'), ('{"a":1}'), ('{}') AS t(j)) ORDER BY a
SELECT v:k::STRING AS k, sum(v:n::INT) FROM (SELECT parse_json(j) AS v FROM VALUES ('{"k":"a","n":2}'), ('{"k":"a","n":1}') AS t(j)) GROUP BY 1
variant_insert(parse_json('{"a":1}'), '$.b', 2)
try_variant_insert(parse_json('{"a":1}'), '$.a', 2)
variant_set(parse_json('{"a":1}'), '$.a', 'x')
variant_delete(parse_json('{"a":1,"b":2}'), '$.a')
variant_strip_nulls(parse_json('{"a":null,"b":2}'))
variant_array_append(parse_json('{"a":[1]}'), '$.a', 2)
is_valid_variant(parse_json('1'))
SELECT pos, key, value FROM variant_explode_outer(parse_json('{}'))
SELECT parse_json('[[1]]'):[0][0]::INT, parse_json('[[1]]'):[0][0], parse_json('{"a":1}'):a::INT::STRING
SELECT sum(v:a::INT), max(CAST(v:b.c AS STRING)) FROM (SELECT parse_json('{"a":1}') AS v)
concat(parse_json('{"a b":{"c":1}}'):['a b']::STRING, ''), parse_json('{"a b":{"c":[1]}}'):['a b'].c[0]
parse_json('{"a":[1,2]}'):a[0]::INT + 1
