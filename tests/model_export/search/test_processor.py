from model_export.search.processor import this_processor

CPUINFO = """processor : 0
model name : A processor of 2030
flags : fpu {flags}

processor : 1
model name : A processor of 2030
flags : fpu {flags}
"""


def test_features_are_read_by_name(tmp_path):
    (tmp_path / "cpuinfo").write_text(CPUINFO.format(flags="avx2 avx512f avx512_vnni"))
    found = this_processor(tmp_path / "cpuinfo")
    assert found.model == "A processor of 2030"
    assert found.features == ("avx2", "avx512f", "avx512_vnni")
    assert found.has_integer_products


def test_avx2_alone_adds_products_of_bytes_in_16_bits(tmp_path):
    (tmp_path / "cpuinfo").write_text(CPUINFO.format(flags="avx2"))
    assert not this_processor(tmp_path / "cpuinfo").has_integer_products


def test_where_nothing_is_known_nothing_is_claimed(tmp_path):
    assert this_processor(tmp_path / "nowhere").features == ()
