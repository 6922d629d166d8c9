"""The macros of skewness and kurtosis: the moments of a list of numbers, value by value, as Databricks has them.

The differences to the mean are summed, not the powers of the values: those lose all digits where the mean is large.
"""

ROWS = (
    (
        "databricks_kurtosis(l)",
        "list_transform([databricks_moments_all(l)], lambda s: CASE WHEN s[3] <> 0 THEN s[1] * s[5] / (s[3] * s[3]) - 3.0::DOUBLE END)[1]",
    ),
    (
        "databricks_skewness(l)",
        "list_transform([databricks_moments_all(l)], lambda s: CASE WHEN s[3] <> 0 THEN sqrt(s[1]) * s[4] / sqrt(s[3] * s[3] * s[3]) END)[1]",
    ),
    (
        "databricks_moments_all(l)",
        (
            "list_reduce(list_prepend([0.0::DOUBLE, 0.0::DOUBLE, 0.0::DOUBLE, 0.0::DOUBLE, 0.0::DOUBLE], list_transform(l, lambda v: [v])), "
            "lambda s, x: databricks_moments(s, x))"
        ),
    ),
    (  # number, mean, and the sums of the second to the fourth powers of the differences to it, with one value more
        "databricks_moments(s, x)",
        (
            "databricks_moments_of(s[1] + 1, s[2], s[4], s[5], x[1] - s[2], (x[1] - s[2]) / (s[1] + 1), "
            "s[3] + (x[1] - s[2]) * ((x[1] - s[2]) - (x[1] - s[2]) / (s[1] + 1)))"
        ),
    ),
    (
        "databricks_moments_of(n, a, q, r, d, e, m)",
        (
            "[n, a + e, m, databricks_third_moment(q, d, e, m), "
            "r - 4.0::DOUBLE * e * (databricks_third_moment(q, d, e, m)) - 6.0::DOUBLE * (e * e) * m + d * (d * (d * d) - e * (e * e))]"
        ),
    ),
    ("databricks_third_moment(q, d, e, m)", "q - 3.0::DOUBLE * e * m + d * (d * d - e * e)"),
)
