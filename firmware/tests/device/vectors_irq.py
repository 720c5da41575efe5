"""Sections without interrupts, with fake pins."""

from run import raises

from upins import Pin, fake, irq_disabled


def button():
    pin = Pin(fake.Pin(5, pull=fake.Pin.PULL_UP))
    pin.arm(Pin.FALLING)
    return pin


def press(pin):
    pin.pin.drive(0)
    pin.pin.drive(1)


def test_a_section_holds_interrupts_back():
    pin = button()
    with irq_disabled():
        press(pin)
        assert not pin.is_ready()
    assert pin.take_edges() == 1
    assert pin.take_edges() == 0


def test_sections_nest():
    pin = button()
    with irq_disabled():
        with irq_disabled():
            press(pin)
        assert not pin.is_ready()
    assert pin.is_ready()


def test_an_exception_enables_them_again():
    def fail():
        with irq_disabled():
            raise KeyError

    raises(KeyError, fail)
    raises(KeyError, irq_disabled(fail))
    pin = button()
    press(pin)
    assert pin.is_ready()


def test_a_decorated_function():
    pin = button()

    @irq_disabled
    def both(first, second=2):
        press(pin)
        assert not pin.is_ready()
        return first, second

    assert both(1) == (1, 2)
    assert pin.take_edges() == 1
    assert both(1, second=3) == (1, 3)


def test_levels():
    pin = Pin(fake.Pin(4, Pin.OUT))
    pin.on()
    assert pin() == pin.value() == 1
    pin.off()
    assert pin() == 0
    pin(1)
    assert fake.Pin.by_number[4].value() == 1


def test_other_edges_are_not_counted():
    pin = button()
    pin.pin.drive(0)
    assert pin.take_edges() == 1
    pin.pin.drive(1)
    assert not pin.is_ready()
    pin.disarm()
    pin.pin.drive(0)
    assert not pin.is_ready()
