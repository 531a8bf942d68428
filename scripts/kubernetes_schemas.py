#!/usr/bin/env python3
"""JSON schemas for kubeconform, made from what Go modules carry.

    kubernetes_schemas.py KUBERNETES_MODULE OPERATOR_MODULE OUTPUT

KUBERNETES_MODULE is the folder of k8s.io/kubernetes, whose OpenAPI document has every built-in
object; OPERATOR_MODULE that of github.com/prometheus-operator/prometheus-operator, with its custom
resource definitions. Writes OUTPUT/KIND-GROUP-VERSION.json; unknown fields are errors in all.
"""

import json
import sys
from pathlib import Path

import yaml

CUSTOM = ("podmonitors", "servicemonitors", "prometheusrules")
REFERENCE = "#/definitions/"
# Values that the OpenAPI document only calls a string.
QUANTITY = {"oneOf": [{"type": "string"}, {"type": "number"}]}
INT_OR_STRING = {"oneOf": [{"type": "string"}, {"type": "integer"}]}
SPECIAL = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": QUANTITY,
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": INT_OR_STRING,
}


def strict(schema):
    """The same schema with unknown fields refused and Kubernetes' own types spelt out."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("format") == "int-or-string" or schema.get("x-kubernetes-int-or-string") is True:
        return INT_OR_STRING
    result = {name: strict(value) for name, value in schema.items()}
    open_ended = schema.get("x-kubernetes-preserve-unknown-fields") is True
    if isinstance(schema.get("properties"), dict) and not open_ended:
        result.setdefault("additionalProperties", False)
    return result


def references(schema):
    if isinstance(schema, list):
        for each in schema:
            yield from references(each)
    elif isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"].removeprefix(REFERENCE)
        for each in schema.values():
            yield from references(each)


def with_definitions(name, definitions):
    """A schema of its own: the definition and all that it refers to."""
    reached, waiting = {}, [name]
    while waiting:
        at = waiting.pop()
        if at not in reached:
            reached[at] = definitions[at]
            waiting.extend(references(definitions[at]))
    return {"$ref": REFERENCE + name, "definitions": reached}


def built_in(module):
    document = json.loads((module / "api/openapi-spec/swagger.json").read_text(encoding="utf-8"))
    definitions = {
        name: SPECIAL.get(name) or strict(schema) for name, schema in document["definitions"].items()
    }
    for name, schema in document["definitions"].items():
        kinds = schema.get("x-kubernetes-group-version-kind", [])
        # Options of deletions and the like belong to every group.
        if len(kinds) == 1:
            yield kinds[0], with_definitions(name, definitions)


def custom(module):
    for name in CUSTOM:
        path = module / "example/prometheus-operator-crd" / f"monitoring.coreos.com_{name}.yaml"
        spec = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)["spec"]
        for version in spec["versions"]:
            kind = {"group": spec["group"], "version": version["name"], "kind": spec["names"]["kind"]}
            schema = strict(version["schema"]["openAPIV3Schema"])
            # What every object has; a definition leaves it to the server.
            schema["properties"]["metadata"] = {"type": "object"}
            yield kind, schema


def main():
    kubernetes, operator, output = map(Path, sys.argv[1:])
    output.mkdir(parents=True, exist_ok=True)
    for source in (built_in(kubernetes), custom(operator)):
        for kind, schema in source:
            # As kubeconform's {{.ResourceKind}}{{.KindSuffix}}: the group's first part only.
            group = kind["group"].split(".")[0]
            name = "-".join(part for part in (kind["kind"], group, kind["version"]) if part)
            (output / f"{name.lower()}.json").write_text(json.dumps(schema), encoding="utf-8")


if __name__ == "__main__":
    main()
