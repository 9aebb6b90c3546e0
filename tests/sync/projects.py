"""A small project in both forms, on disk, and the command line to keep them in step."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner, Result

from converter.cli import app
from converter.files import Folder
from converter.verify import verify
from tests.files.trees import write_tree

APP = """\
import os

from chalice import Chalice, Rate
from chalicelib.prices import find_price

app = Chalice(app_name="shop")

CENTS = 100


def display(cents):
    return f"{cents / CENTS} {os.environ['CURRENCY']}"


@app.lambda_function(name="total")
def total(event, context):
    prices = [find_price(item) for item in event["items"]]
    return display(sum(prices))


@app.lambda_function(name="price")
def price(event, context):
    # Nobody sells what has no price.
    found = find_price(event["item"])
    return display(found)


@app.schedule(Rate(1, unit=Rate.HOURS))
def refresh(event):
    print("refreshing", event.region)
"""
CONFIG = {
    "version": "2.0",
    "app_name": "shop",
    "environment_variables": {"CURRENCY": "EUR"},
    "stages": {"dev": {}, "prod": {"lambda_memory_size": 256}},
}
FILES = {
    "app.py": APP,
    "chalicelib/__init__.py": "",
    "chalicelib/prices.py": "PRICES = {'tea': 300}\n\n\ndef find_price(item):\n    return PRICES[item]\n",
    "requirements.txt": "chalice\n",
    ".chalice/config.json": json.dumps(CONFIG, indent=2) + "\n",
}


@dataclass(frozen=True)
class Shop:
    """The folders of both forms."""

    chalice: Path
    sam: Path

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace a text that stands once in a file of either form."""
        place = self._place(path)
        text = place.read_text()
        assert text.count(old) == 1, f"{path} holds {text.count(old)} of {old!r}"
        place.write_text(text.replace(old, new))

    def add(self, path: str, text: str) -> None:
        """Append to a file of either form, which is made if need be."""
        place = self._place(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text((place.read_text() if place.exists() else "") + text)

    def read(self, path: str) -> str:
        return self._place(path).read_text()

    def exists(self, path: str) -> bool:
        return self._place(path).exists()

    def _place(self, path: str) -> Path:
        side, _, rest = path.partition("/")
        return {"chalice": self.chalice, "sam": self.sam}[side] / rest

    def sync(self, *options: str) -> Result:
        return paws("sync", str(self.chalice), *options)

    def list_differences(self) -> list[str]:
        """What `paws verify` finds."""
        return [str(each) for each in verify(Folder(self.chalice), Folder(self.sam)).differences]


def paws(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def make_shop(folder: Path) -> Shop:
    """The shop, converted to SAM."""
    shop = Shop(write_tree(folder / "shop", FILES), folder / "shop-sam")
    assert paws("convert", "chalice-to-sam", str(shop.chalice)).exit_code == 0
    return shop


TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31

Globals:
  Function:
    Runtime: python3.13
    Timeout: 10
    Environment:
      Variables:
        CURRENCY: EUR

Resources:
  TotalFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/total/
      Handler: app.lambda_handler
      Layers:
        - !Ref CommonLayer

  PriceFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/price/
      Handler: app.lambda_handler
      MemorySize: 256
      Layers:
        - !Ref CommonLayer

  RefreshFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/refresh/
      Handler: app.lambda_handler
      Events:
        Hourly:
          Type: Schedule
          Properties:
            Schedule: rate(1 hour)

  CommonLayer:
    Type: AWS::Serverless::LayerVersion
    Metadata:
      BuildMethod: python3.13
    Properties:
      ContentUri: layers/common/

  Sales:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 60
"""
SAM_FILES = {
    "template.yaml": TEMPLATE,
    "functions/total/app.py": """\
import os

from prices import find_price


def lambda_handler(event, context):
    prices = [find_price(item) for item in event["items"]]
    return f"{sum(prices)} {os.environ['CURRENCY']}"
""",
    "functions/price/app.py": """\
from prices import find_price


def lambda_handler(event, context):
    # Nobody sells what has no price.
    found = find_price(event["item"])
    return found
""",
    "functions/refresh/app.py": """\
def lambda_handler(event, context):
    print("refreshing", event["region"])
""",
    "layers/common/prices.py": "PRICES = {'tea': 300}\n\n\ndef find_price(item):\n    return PRICES[item]\n",
}


def make_sam_shop(folder: Path) -> Shop:
    """A shop that was SAM's, as many are written, converted to Chalice."""
    shop = Shop(folder / "shop-chalice", write_tree(folder / "shop", SAM_FILES))
    assert paws("convert", "sam-to-chalice", str(shop.sam)).exit_code == 0
    return shop
