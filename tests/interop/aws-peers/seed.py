#!/usr/bin/env python3
"""Fill moto with a deterministic landscape of REST APIs, stages, usage plans and keys, through the public AWS API only.

Prints one JSON document that says what it made, so that a test can compare it with what the agent discovered.

The same --seed and counts give the same names, descriptions, documents, stages, plans and links; the ids are moto's own.
It only creates: to start over, POST /moto-api/reset.
"""
import argparse
import ipaddress
import json
import random
import sys
from urllib.parse import urlsplit

import boto3

STAGE_NAMES = ["prod", "dev", "test_2", "blue-green", "v1", "v2", "staging", "sandbox", "qa", "perf"]
THINGS = ["orders", "pets", "invoices", "users", "tickets", "routes", "prices", "parcels"]

# One in each nasty class, by index, before the plain ones come round again. None: no description at all.
DESCRIPTIONS = [
    "Plain description",
    None,
    'With "double", \'single\' and `back` quotes, \\ and a trailing backslash \\',
    "a;;b;; ;;c=1;;;",
    "Ünïcödé — 日本語 — العربية — 🚀🧪",
    "line one\nline two\r\n\tindented",
    "<b>html</b> & {{template}} ${variable} %s {0}",
    "x" * 1024,
    " leading and trailing space ",
    "comma, semicolon; colon: pipe| = # and null-ish: null undefined NaN",
]


def parse_args(argv):
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--endpoint", required=True, help="URL of moto, on this machine")
    p.add_argument("--region", required=True)
    p.add_argument("--apis", type=int, default=10, help="REST APIs in all")
    p.add_argument("--stages", type=int, default=1, help="stages of each API, 1 to 10")
    p.add_argument("--plans", type=int, default=3, help="usage plans")
    p.add_argument("--unplanned", type=int, default=0, help="of the APIs, this many are in no plan (the last ones)")
    p.add_argument("--keys", type=int, default=0, help="API keys that belong to somebody else, attached to plans in turn")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--prefix", help="of every name; default seed<SEED>")
    p.add_argument("--summary", action="store_true", help="print the counts only")
    a = p.parse_args(argv)
    if not 1 <= a.stages <= len(STAGE_NAMES):
        p.error("--stages must be 1 to %d" % len(STAGE_NAMES))
    if not 0 <= a.unplanned <= a.apis:
        p.error("--unplanned must be 0 to --apis")
    if not is_loopback(urlsplit(a.endpoint).hostname):
        p.error("the endpoint is not on this machine")
    a.prefix = a.prefix or "seed%d" % a.seed
    return a


def is_loopback(host):
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def make_clients(a):
    # Never the credentials of the machine: these are nobody's.
    common = {"endpoint_url": a.endpoint, "region_name": a.region,
              "aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return boto3.client("apigateway", **common), boto3.client("sts", **common)


def api_document(name, version, description, thing, operations):
    """A small OpenAPI 3.0.1 document that both API Gateway and moto accept."""
    def operation(verb, path_params, secured):
        op = {
            "parameters": [{"name": n, "in": "path", "required": True, "schema": {"type": "string"}} for n in path_params],
            "responses": {"200": {"description": "200 response", "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/Empty"}}}}},
            # A proxy integration with a URI, because moto refuses a mock one. It is never called.
            "x-amazon-apigateway-integration": {
                "type": "http_proxy", "httpMethod": verb.upper(), "uri": "https://example.com/" + thing,
                "passthroughBehavior": "when_no_match", "responses": {"default": {"statusCode": "200"}}},
        }
        if secured:
            op["security"] = [{"api_key": []}]
        return op

    paths = {"/" + thing: {"get": operation("get", [], True)}}
    if operations > 1:
        paths["/" + thing]["post"] = operation("post", [], True)
    if operations > 2:
        paths["/%s/{id}" % thing] = {"get": operation("get", ["id"], True)}
    if operations > 3:
        paths["/health"] = {"get": operation("get", [], False)}
    info = {"title": name, "version": version}
    if description is not None:
        info["description"] = description
    return {"openapi": "3.0.1", "info": info, "paths": paths, "components": {
        "schemas": {"Empty": {"title": "Empty Schema", "type": "object"}},
        "securitySchemes": {"api_key": {"type": "apiKey", "name": "x-api-key", "in": "header"}}}}


def plan_apis(a):
    rnd = random.Random("%d/apis" % a.seed)
    out = []
    for i in range(a.apis):
        name = "%s-%s-%04d" % (a.prefix, rnd.choice(THINGS), i)
        if i % 7 == 3:
            name = '%s "%s" ;; é %04d' % (a.prefix, rnd.choice(THINGS), i)
        if i % 11 == 5 and out:
            name = out[-1]["name"]  # names are not unique in API Gateway
        out.append({
            "name": name, "version": "%d.%d.%d" % (rnd.randint(0, 3), rnd.randint(0, 9), rnd.randint(0, 9)),
            "description": DESCRIPTIONS[i % len(DESCRIPTIONS)], "thing": rnd.choice(THINGS), "operations": rnd.randint(1, 4),
            "tags": {"team": rnd.choice(["red", "green"]), "note": "a b=c/d+e@f"} if rnd.random() < 0.5 else {},
            "stages": STAGE_NAMES[:a.stages], "planned": i < a.apis - a.unplanned,
        })
    return out


def create_api(gw, spec, doc):
    """With tags or without a description: create, then put (tags cannot be given to an import). Else a plain import."""
    body = json.dumps(doc).encode()
    if not spec["tags"] and spec["description"] is not None:
        return gw.import_rest_api(body=body, parameters={"endpointConfigurationTypes": "REGIONAL"})["id"]
    optional = {k: spec[k] for k in ("tags", "description") if spec[k]}
    api_id = gw.create_rest_api(name=spec["name"], version=spec["version"], **optional)["id"]
    gw.put_rest_api(restApiId=api_id, mode="overwrite", body=body)
    return api_id


def create_apis(gw, a):
    out = []
    for i, spec in enumerate(plan_apis(a)):
        doc = api_document(spec["name"], spec["version"], spec["description"], spec["thing"], spec["operations"])
        api_id = create_api(gw, spec, doc)
        first, rest = spec["stages"][0], spec["stages"][1:]
        deployment = gw.create_deployment(restApiId=api_id, stageName=first, description="seed %d" % i)["id"]
        for stage in rest:
            gw.create_stage(restApiId=api_id, stageName=stage, deploymentId=deployment, description="stage %s; é" % stage,
                            variables={"tier": stage.replace("-", "_")}, tags={"stage": stage})
        out.append({"id": api_id, **{k: spec[k] for k in ("name", "version", "description", "tags", "stages", "planned")},
                    "deploymentId": deployment, "paths": {p: sorted(v) for p, v in doc["paths"].items()}})
    return out


def create_plans(gw, a, apis):
    rnd = random.Random("%d/plans" % a.seed)
    links = [[] for _ in range(a.plans)]
    planned = [(api, stage) for api in apis if api["planned"] for stage in api["stages"]]
    for n, (api, stage) in enumerate(planned):
        if not a.plans:
            break
        links[n % a.plans].append((api, stage))
        if a.plans > 1 and n % 3 == 0:  # every third stage is offered by two plans
            links[(n + 1) % a.plans].append((api, stage))
    out = []
    for i in range(a.plans):
        kwargs = {"name": "%s-plan-%03d" % (a.prefix, i)}
        description = DESCRIPTIONS[(i + 2) % len(DESCRIPTIONS)]
        if description is not None:
            kwargs["description"] = description
        if i % 4 != 1:
            rate = rnd.choice([1, 10, 50])  # burst above rate is legal
            kwargs["throttle"] = {"rateLimit": rate + (0.5 if i % 4 == 2 else 0), "burstLimit": rate * 2}
        if i % 4 != 2:
            period = ["DAY", "WEEK", "MONTH"][i % 3]
            kwargs["quota"] = {"limit": rnd.choice([100, 5000, 1000000]), "offset": 0, "period": period}
        if i % 5 == 0:
            kwargs["tags"] = {"plan": str(i)}
        stages = []
        for n, (api, stage) in enumerate(links[i]):
            link = {"apiId": api["id"], "stage": stage}
            path, verbs = next(iter(api["paths"].items()))
            if n == 0 and i % 3 == 0:
                link["throttle"] = {"%s/%s" % (path, verbs[0].upper()): {"rateLimit": 2.0, "burstLimit": 4}}
            stages.append(link)
        plan = gw.create_usage_plan(apiStages=stages, **kwargs)
        out.append({"id": plan["id"], **kwargs, "apiStages": stages})
    return out


def create_keys(gw, a, plans):
    out = []
    for i in range(a.keys):
        name = "%s-foreign-%04d" % (a.prefix, i)
        value = "%s-%s" % (name, "v" * 40)
        key = gw.create_api_key(name=name, value=value[:64], enabled=i % 5 != 0, description="not yours; do not touch")
        plan = plans[i % len(plans)]["id"] if plans else None
        if plan:
            gw.create_usage_plan_key(usagePlanId=plan, keyId=key["id"], keyType="API_KEY")
        out.append({"id": key["id"], "name": name, "enabled": i % 5 != 0, "planId": plan})
    return out


def main(argv):
    a = parse_args(argv)
    gw, sts = make_clients(a)
    apis = create_apis(gw, a)
    plans = create_plans(gw, a, apis)
    keys = create_keys(gw, a, plans)
    result = {
        "endpoint": a.endpoint, "region": a.region, "account": sts.get_caller_identity()["Account"], "seed": a.seed,
        "counts": {"apis": len(apis), "stages": sum(len(x["stages"]) for x in apis), "plans": len(plans), "keys": len(keys),
                   "links": sum(len(p["apiStages"]) for p in plans), "unplanned": sum(not x["planned"] for x in apis)},
    }
    if not a.summary:
        result.update(apis=apis, plans=plans, keys=keys)
    json.dump(result, sys.stdout, ensure_ascii=False, indent=None if a.summary else 1)
    print()


if __name__ == "__main__":
    main(sys.argv[1:])
