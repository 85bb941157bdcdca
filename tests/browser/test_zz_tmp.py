import pytest
from tests.browser.test_interruptions import test_postgresql_is_restarted as again, test_reload as reload_
@pytest.mark.parametrize("n", range(10))
def test_pg(n, house, visitors, daemon):
    again(house, visitors, daemon)
@pytest.mark.parametrize("n", range(5))
def test_rl(n, house, visitors):
    reload_(house, visitors)
