import gc, pytest
from tests.engine.trivial_resource import Trivial
import pulumi


@pytest.mark.parametrize("i", range(12))
def test_f(new_stack, i):
    def prog():
        class C(pulumi.ComponentResource):
            def __init__(self):
                super().__init__("a:b:C", "c")
                x = Trivial("fail", "fail", pulumi.ResourceOptions(parent=self))
                for k in range(3):
                    Trivial(f"t{k}", x.value.apply(lambda v: v + "x"), pulumi.ResourceOptions(parent=self))
                self.register_outputs({"a": x.value})

        C()
        if i % 3 == 0:
            raise ValueError("x")

    s = new_stack(prog)
    r = s.up()
    assert not r.ok
    if i % 2:
        gc.collect()
