'mcp_x' LIKE 'mcp\_%'
'mcpxx' LIKE 'mcp\_%'
'mcp_x' LIKE 'mcp\\_%'
'mcpxx' LIKE 'mcp\\_%'
'mcp_x' LIKE r'mcp\_%'
'mcp_x' LIKE 'mcp/_%' ESCAPE '/'
'mcpxx' LIKE 'mcp/_%' ESCAPE '/'
'a%b' LIKE 'a!%b' ESCAPE '!'
'abc' LIKE 'a%'
'abc' LIKE '_b_'
'abc' LIKE '%'
'' LIKE '%'
'' LIKE ''
'abc' LIKE 'ABC'
'abc' ILIKE 'ABC'
'É' ILIKE 'é'
'straße' ILIKE 'STRASSE'
'a\nb' LIKE 'a%b'
'a\nb' LIKE 'a_b'
'a\\b' LIKE 'a\\\\b'
'a\\b' LIKE r'a\\b'
'a' LIKE 'a\\'
'a' LIKE '\\a'
'a_b' LIKE 'a/__' ESCAPE '/'
'a' LIKE 'a' ESCAPE 'ab'
NULL LIKE '%'
'a' LIKE NULL
'é' LIKE '_'
'e\u0301' LIKE '_'
'e\u0301' LIKE '__'
'😀' LIKE '_'
'a.c' LIKE 'a.c'
'abc' LIKE 'a.c'
'a*c' LIKE 'a*c'
'[a]' LIKE '[a]'
'abc' NOT LIKE 'b%'
'abc' LIKE ALL ('a%', '%c')
'abc' LIKE ALL ('a%', 'b%')
'abc' LIKE ANY ('x%', '%c')
'abc' LIKE SOME ('x%')
'abc' NOT LIKE ALL ('x%', NULL)
'abc' NOT LIKE ANY ('a%', 'b%')
'abc' ILIKE ANY ('X%', 'A%')
'abc' LIKE ANY ('x', NULL)
12 LIKE '1%'
X'6162' LIKE 'a%'
DATE'2026-01-05' LIKE '2026%'
like('abc', 'a%')
ilike('ABC', 'a%')
like('a_b', 'a/_b', '/')
'a' || 'b' LIKE 'ab'
'abc' LIKE concat('a', '%')
SELECT model FROM requests WHERE model LIKE '%p%' ORDER BY id
SELECT model LIKE substring(model, 1, 1) || '%' FROM requests ORDER BY id
SELECT s LIKE '_', s LIKE '%', s ILIKE 'a' FROM edges
SELECT count(*) FROM requests WHERE model NOT LIKE '%p%'
