regexp_replace('100-200', r'(\d+)', 'n$1')
regexp_replace('100-200', '(\\d+)', 'num')
regexp_replace('aaa', 'a', 'b', 2)
regexp_replace('abc', '(a)(b)', '$2$1')
regexp_replace('abc', 'b', '\\$')
regexp_replace('abc', 'b', '\\\\')
regexp_replace('abc', '(?<x>b)', '${x}!')
regexp_replace('abc', '[', 'x')
regexp_replace('abc', '', '-')
regexp_replace('ABC', '(?i)b', 'x')
regexp_replace(NULL, 'a', 'b')
regexp_extract('100-200', r'(\d+)-(\d+)', 1)
regexp_extract('100-200', r'(\d+)-(\d+)', 2)
regexp_extract('100-200', r'(\d+)-(\d+)', 0)
regexp_extract('100-200', r'(\d+)-(\d+)')
regexp_extract('100-200', r'(\d+)-(\d+)', 3)
regexp_extract('100-200', r'(\d+)-(\d+)', -1)
regexp_extract('abc', r'(\d+)', 1)
regexp_extract('ac', 'a(b)?c', 1)
regexp_extract('100-200', r'\d+')
regexp_extract_all('100-200, 300-400', r'(\d+)-(\d+)', 1)
regexp_extract_all('100-200, 300-400', r'(\d+)-(\d+)', 0)
regexp_extract_all('100-200, 300-400', r'(\d+)-(\d+)')
regexp_extract_all('abc', r'(\d)')
regexp_extract_all('abc', 'x*')
regexp_count('Steven Jones and Stephen Smith', 'Ste(v|ph)en')
regexp_count('abc', '')
regexp_count(NULL, 'a')
regexp_instr('user@spark.apache.org', '@[^.]*')
regexp_instr('abc', 'z')
regexp_substr('Steven Jones', 'J\\w+')
regexp_substr('abc', 'z')
regexp_like('abc', '^a')
regexp('abc', 'c$')
'abc' RLIKE 'b'
'abc' RLIKE '^b'
'abc' REGEXP 'B'
'a\nb' RLIKE 'a.b'
'a\nb' RLIKE '(?s)a.b'
'a\nb' RLIKE '^b$'
'a\nb' RLIKE '(?m)^b$'
'é' RLIKE '\\w'
'٣' RLIKE '\\d'
'é' RLIKE '(?U)\\w'
'ab' RLIKE '(?<=a)b'
'aa' RLIKE '(a)\\1'
'a' RLIKE '[[:alpha:]]'
'a' RLIKE '\\p{Lower}'
'Ä' RLIKE '\\p{Lu}'
'a.b' RLIKE 'a\\.b'
'a+b' RLIKE '\\Qa+b\\E'
'x' RLIKE '*'
'x' RLIKE ''
'x' RLIKE NULL
NULL RLIKE 'x'
'😀' RLIKE '^.$'
'aab' RLIKE 'a++b'
'foo bar' RLIKE '\\bbar\\b'
'tab\t' RLIKE '\\t'
'a' RLIKE '[a&&[^b]]'
split('a1b22c', '\\d+')
split('abc', '(?=b)')
split('a|b', '|')
split('a|b', '\\|')
split('one  two', '\\s')
'abc' RLIKE ANY ('z', 'b')
regexp_replace('2026-01-05', '(\\d{4})-(\\d{2})-(\\d{2})', '$3.$2.$1')
regexp_replace('a  b   c', '\\s+', ' ')
regexp_replace('Hello', '[aeiou]', '')
regexp_replace('price: 5', '(\\d)', '<$0>')
regexp_replace('aXbX', 'X', '$5')
regexp_replace('abc', 'B', 'x')
regexp_replace('日本', '本', 'x')
SELECT model, regexp_extract(model, '^(.)(.*)$', 2), regexp_replace(model, '[aeiou]', '_'), model RLIKE 'p', regexp_count(model, '[a-m]'), regexp_extract_all(model, '([aeiou])', 1) FROM requests ORDER BY id
SELECT s, s RLIKE '^\\w*$', regexp_replace(s, '\\W', '?'), regexp_count(s, '.') FROM edges
