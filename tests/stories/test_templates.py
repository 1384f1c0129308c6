# SPDX-License-Identifier: MIT
# ctest: LABELS unit FIXTURES_REQUIRED none
"""The templates of deploy/ecs say what its README's tables say, and what the
Dockerfiles and settings ask for, with each combination of switches."""

import ipaddress
import itertools
import json
import os
import re
import subprocess

import cloudformation
import pytest
from rig import BUILD, ROOT, WORKER

SWITCHES = {"Database": ("none", "rds"), "Redis": ("container", "memorydb"),
            "RabbitMQ": ("container", "amazonmq"), "Relay": ("mailhog", "ses")}
SIZES = ("small", "medium", "large")
COMBINATIONS = [dict(zip(("Size", *SWITCHES), words)) for words in
                itertools.product(SIZES, *SWITCHES.values())]
TASK = "AWS::ECS::TaskDefinition"
MEMORY = {256: (512, 2048), 512: (1024, 4096), 1024: (2048, 8192),
          2048: (4096, 16384), 4096: (8192, 30720)}  # Fargate's MiB, by CPU


def said(combination):
    return " ".join(combination.values())


@pytest.fixture(params=COMBINATIONS, ids=said)
def stacks(request):
    return cloudformation.of(**request.param) | {"given": request.param}


def table(heading):
    """Rows of README's table under a heading, as lists of cells."""
    text = (cloudformation.FOLDER / "README.md").read_text()
    part = text.split(f"\n### {heading}\n")[1].split("\n#")[0]
    rows = re.findall(r"^\|(.*)\|$", part, re.M)[2:]
    assert rows, heading
    return [[cell.strip() for cell in row.split("|")] for row in rows]


def holds(when, given):
    name, _, value = when.partition("=")
    return not when or given[name] == value


def all_of(stacks, kind):
    """{STACK.KEY: properties} of all resources of a kind."""
    return {f"{stack.called}.{key}": it["Properties"]
            for stack in stacks.values()
            if isinstance(stack, cloudformation.Stack)
            for key, it in stack.resources.items() if it["Type"] == kind}


def one(stacks, key):
    stack, key = key.split(".")
    return stacks[stack].resources[key]["Properties"]


def name_tag(properties):
    return next(tag["Value"] for tag in properties["Tags"]
                if tag["Key"] == "Name")


# -- the network


def test_subnets(stacks):
    vpc = one(stacks, "network.Vpc")
    assert (name_tag(vpc), vpc["CidrBlock"]) == (
        "task-manager-vpc", "10.16.0.0/16")
    wanted = {}
    for zone, *blocks in table("Subnets"):
        for tier, block in zip(("reserved", "database", "app", "web"), blocks):
            wanted[f"task-manager-{tier}-{zone.lower()}"] = (
                f"us-east-1{zone.lower()}", block)
    found = all_of(stacks, "AWS::EC2::Subnet").values()
    assert {name_tag(it): (it["AvailabilityZone"], it["CidrBlock"])
            for it in found} == wanted
    networks = [ipaddress.ip_network(it["CidrBlock"]) for it in found]
    whole = ipaddress.ip_network(vpc["CidrBlock"])
    assert len(networks) == 12
    assert all(it.prefixlen == 20 and it.subnet_of(whole) for it in networks)
    assert not [pair for pair in itertools.combinations(networks, 2)
                if pair[0].overlaps(pair[1])]


@pytest.mark.parametrize("gateways", ("each", "one"))
def test_routes(gateways):
    stacks = cloudformation.of(NatGateways=gateways)
    tables = {it["SubnetId"]: it["RouteTableId"] for it in all_of(
        stacks, "AWS::EC2::SubnetRouteTableAssociation").values()}
    ways = {it["RouteTableId"]: it for it in all_of(
        stacks, "AWS::EC2::Route").values()}
    nats = all_of(stacks, "AWS::EC2::NatGateway")
    assert len(nats) == {"each": 3, "one": 1}[gateways]
    for key in all_of(stacks, "AWS::EC2::Subnet"):
        way = ways.get(tables[f"@{key}"], {})
        tier, zone = key.split(".")[1][:-1], key[-1]
        if tier == "Web":
            assert way["GatewayId"] == "@Network.InternetGateway"
        elif tier == "App":
            nat = zone if gateways == "each" else "A"
            assert way["NatGatewayId"] == f"@Network.Nat{nat}"
            assert nats[f"Network.Nat{nat}"]["SubnetId"] == f"@Network.Web{nat}"
        else:
            assert not way, f"{key} has a way out"


# -- who may talk to whom


def edge_ends(stacks):
    """({(from, to, port)} that groups let out, the same that they let in)."""
    groups = {f"@{key}.GroupId": name_tag(it).removeprefix("task-manager-")
              for key, it in all_of(stacks, "AWS::EC2::SecurityGroup").items()}
    given = stacks["postrider"].parameters
    networks = {given["ClientNetworks"]: "ClientNetworks",
                given["UiNetworks"]: "UiNetworks"}
    out, into = set(), set()

    def add(ends, group, rule, peer, ingress):
        assert rule["IpProtocol"] == "tcp" and rule["FromPort"] == rule["ToPort"]
        cidr = rule.get("CidrIp")
        other = groups[rule[peer]] if not cidr else (
            networks[cidr] if ingress else "internet")
        pair = (other, groups[group]) if ingress else (groups[group], other)
        ends.add((*pair, rule["FromPort"]))

    for key, it in all_of(stacks, "AWS::EC2::SecurityGroup").items():
        for rule in it.get("SecurityGroupIngress", []):
            add(into, f"@{key}.GroupId", rule, None, True)
        for rule in it["SecurityGroupEgress"]:
            if rule["CidrIp"] != "127.0.0.1/32":
                add(out, f"@{key}.GroupId", rule, None, False)
    for it in all_of(stacks, "AWS::EC2::SecurityGroupIngress").values():
        add(into, it["GroupId"], it, "SourceSecurityGroupId", True)
    for it in all_of(stacks, "AWS::EC2::SecurityGroupEgress").values():
        add(out, it["GroupId"], it, "DestinationSecurityGroupId", False)
    return out, into


def test_edges(stacks):
    out, into = edge_ends(stacks)
    wanted = {(a, b, int(port)) for a, b, port, when in table("Edges")
              if holds(when, stacks["given"])}
    tasks = {name_tag(it).removeprefix("task-manager-") for it in all_of(
        stacks, "AWS::EC2::SecurityGroup").values()} - {
            "alb", "storage", "database"}
    assert into == {edge for edge in wanted if edge[1] != "internet"}
    assert out == {edge for edge in wanted if "Networks" not in edge[0]} | {
        (task, "internet", 443) for task in tasks}


def test_groups_are_their_services(stacks):
    for key, it in all_of(stacks, "AWS::ECS::Service").items():
        where = it["NetworkConfiguration"]["AwsvpcConfiguration"]
        group = f"@Security.{it['ServiceName'].capitalize()}Group.GroupId"
        assert where["SecurityGroups"] == [group], key
        assert where["Subnets"] == [f"@Network.App{zone}" for zone in "ABC"]
        assert where.get("AssignPublicIp", "DISABLED") == "DISABLED"


def test_what_aws_runs_is_isolated(stacks):
    tier = [f"@Network.Database{zone}" for zone in "ABC"]
    for kind in ("AWS::AmazonMQ::Broker", "AWS::RDS::DBSubnetGroup",
                 "AWS::MemoryDB::SubnetGroup"):
        for it in all_of(stacks, kind).values():
            assert it["SubnetIds"] == tier
    for it in all_of(stacks, "AWS::RDS::DBInstance").values():
        assert it["StorageEncrypted"] and not it["PubliclyAccessible"]
        assert it["VPCSecurityGroups"] == ["@Security.DatabaseGroup.GroupId"]
    for it in all_of(stacks, "AWS::AmazonMQ::Broker").values():
        assert not it["PubliclyAccessible"]
        assert it["DeploymentMode"] == "CLUSTER_MULTI_AZ"
        assert it["SecurityGroups"] == ["@Security.RabbitmqGroup.GroupId"]
    for it in all_of(stacks, "AWS::MemoryDB::Cluster").values():
        assert (it["NumShards"], it["NumReplicasPerShard"]) == (1, 0)
        assert it["TLSEnabled"]
        assert it["SecurityGroupIds"] == ["@Security.RedisGroup.GroupId"]


# -- the services


def container(task, name):
    return next(it for it in task["ContainerDefinitions"]
                if it["Name"] == name)


def tasks_of(stacks):
    return {it["Family"].removeprefix("task-manager-"): it
            for it in all_of(stacks, TASK).values()}


def test_services(stacks):
    given = stacks["given"]
    gone = {"rabbitmq": given["RabbitMQ"] != "container",
            "redis": given["Redis"] != "container",
            "mailhog": given["Relay"] != "mailhog"}
    rows = {row[0]: row[1:] for row in table("Services")
            if not gone.get(row[0])}
    services = {it["ServiceName"]: it
                for it in all_of(stacks, "AWS::ECS::Service").values()}
    dns = {f"@{key}.Arn": it["Name"] for key, it in all_of(
        stacks, "AWS::ServiceDiscovery::Service").items()}
    folders = {f"@{key}": it for key, it in all_of(
        stacks, "AWS::EFS::AccessPoint").items()}
    assert services.keys() == rows.keys()
    assert one(stacks, "cluster.Namespace")["Name"] == "task-manager.local"
    root = stacks["postrider"].parameters
    for name, (ports, known, count, share, data) in rows.items():
        it, task = services[name], tasks_of(stacks)[name]
        assert it["LaunchType"] == "FARGATE"
        assert [port["ContainerPort"] for port in container(task, name)[
            "PortMappings"]] == [int(port) for port in ports.split()]
        assert [dns[registry["RegistryArn"]] + ".task-manager.local"
                for registry in it.get("ServiceRegistries", [])] == (
                    known.split())
        assert it["DesiredCount"] == int(root.get(count, count))
        rules = it["DeploymentConfiguration"]
        assert f'{rules["MinimumHealthyPercent"]}, {rules["MaximumPercent"]}' \
            == share
        assert rules["DeploymentCircuitBreaker"] == {
            "Enable": True, "Rollback": True}
        if rules["MaximumPercent"] == 100:  # else ECS adds one elsewhere
            assert it["AvailabilityZoneRebalancing"] == "DISABLED"
        assert data == ", ".join(
            f"{folder['RootDirectory']['Path']}, {folder['PosixUser']['Uid']}"
            for volume in task.get("Volumes", [])
            if "EFSVolumeConfiguration" in volume
            for folder in [folders[volume["EFSVolumeConfiguration"][
                "AuthorizationConfig"]["AccessPointId"]]])


def test_sizes_that_fargate_has(stacks):
    for family, task in tasks_of(stacks).items():
        least, most = MEMORY[int(task["Cpu"])]
        assert least <= int(task["Memory"]) <= most, family
        assert int(task["Memory"]) % 512 == 0


def test_load_balancer(stacks):
    mail_ui = stacks["given"]["Relay"] == "mailhog"
    listeners = {it["Port"]: it for it in all_of(
        stacks, "AWS::ElasticLoadBalancingV2::Listener").values()}
    assert set(listeners) == {80, 443, 16686} | ({8025} if mail_ui else set())
    assert all(listeners[port]["Protocol"] == "HTTPS"
               for port in listeners if port != 80)
    rules = {tuple(it["Conditions"][0]["PathPatternConfig"]["Values"]):
             it["Actions"][0] for it in all_of(
                 stacks, "AWS::ElasticLoadBalancingV2::ListenerRule").values()}
    assert rules["/ws", "/api/events"]["TargetGroupArn"] == (
        "@Cluster.EventsTargets")
    assert rules["/metrics", "/metrics/*"]["Type"] == "fixed-response"
    assert json.loads(rules["/metrics", "/metrics/*"]["FixedResponseConfig"][
        "MessageBody"])["statusCode"] == 404
    targets = all_of(stacks, "AWS::ElasticLoadBalancingV2::TargetGroup")
    for key, it in targets.items():
        service = next(service for service in all_of(
            stacks, "AWS::ECS::Service").values() if any(
                balanced["TargetGroupArn"] == f"@{key}"
                for balanced in service.get("LoadBalancers", [])))
        assert service["LoadBalancers"][0]["ContainerPort"] == it["Port"]


def test_names(stacks):
    repositories = cloudformation.Stack("registry", {}).resources.values()
    assert {it["Properties"]["RepositoryName"] for it in repositories} == {
        "task-manager-api", "task-manager-worker"}
    images = {name: container(task, name)["Image"]
              for name, task in tasks_of(stacks).items()}
    ours = "123456789012.dkr.ecr.us-east-1.amazonaws.com/task-manager-{}:1"
    assert images["api"] == images["events"] == ours.format("api")
    assert images["worker"] == ours.format("worker")
    assert one(stacks, "cluster.Cluster")["ClusterSettings"] == [
        {"Name": "containerInsights", "Value": "enabled"}]


def test_alarms(stacks):
    signs = {"GreaterThanThreshold": ">", "LessThanThreshold": "<"}
    found = {it["AlarmName"]: " ".join((it["MetricName"], signs[it[
        "ComparisonOperator"]], str(it["Threshold"])))
        for it in all_of(stacks, "AWS::CloudWatch::Alarm").values()}
    assert found == {name: what for name, what, when in table("Alarms")
                     if holds(when, stacks["given"])}
    assert all(it["AlarmActions"] == ["@Alarms.Topic"] for it in all_of(
        stacks, "AWS::CloudWatch::Alarm").values())
    json.loads(one(stacks, "alarms.Dashboard")["DashboardBody"])
    for it in all_of(stacks, "AWS::Logs::LogGroup").values():
        assert it["RetentionInDays"] in (1, 30)


# -- what our programs ask for


def dockerfile(name):
    return (ROOT / f"Dockerfile.{name}").read_text()


def environment(task, name):
    return {it["Name"]: it["Value"]
            for it in container(task, name).get("Environment", [])}


def default_of(setting):
    row = re.search(rf"^\| `{setting}` \|.*?\|\s*(\S+) \|",
                    (ROOT / "docs/protocol.md").read_text(), re.M)
    return row[1]


def test_images(stacks):
    tasks = tasks_of(stacks)
    for name in ("api", "worker"):
        text = dockerfile(name)
        port = container(tasks[name], name)["PortMappings"][0]["ContainerPort"]
        assert f"PORT={port}" in text
        health = container(tasks[name], name)["HealthCheck"]["Command"]
        assert health[-1] == f"http://127.0.0.1:{port}/health"
        mounts = {it["ContainerPath"] for it in container(tasks[name], name)[
            "MountPoints"]}
        assert mounts == set(re.search(r"^VOLUME (.*)", text, re.M)[1].split())
        assert container(tasks[name], name)["ReadonlyRootFilesystem"]
    folder = one(stacks, "cluster.WorkerFolder")["PosixUser"]
    assert f"USER {folder['Uid']}:{folder['Gid']}" in dockerfile("worker")
    stop = int(default_of("STOP_TIMEOUT").removesuffix("s"))
    assert container(tasks["worker"], "worker")["StopTimeout"] > stop
    graceful = int(re.search(r'graceful-shutdown-timeout" => "(\d+)"', (
        ROOT / "lighttpd/lighttpd.conf").read_text())[1])
    assert container(tasks["api"], "api")["StopTimeout"] > graceful
    ping = int(default_of("PING_INTERVAL").removesuffix("s"))
    idle = next(it["Value"] for it in one(stacks, "cluster.Alb")[
        "LoadBalancerAttributes"] if it["Key"].startswith("idle"))
    assert ping < int(idle)


def test_settings(stacks):
    """Ours are settings, and a secret is one of them that is secret."""
    text = (ROOT / "docs/protocol.md").read_text()
    known = dict(re.findall(r"^\| `(\w+)`( \(secret\))? \|", text, re.M))
    tasks = tasks_of(stacks)
    for name in ("api", "events", "worker", "keys"):
        assert environment(tasks[name], name).keys() <= known.keys()
        for it in container(tasks[name], name)["Secrets"]:
            assert known[it["Name"]] or it["Name"] == "SMTP_USERNAME", it
    given = stacks["given"]
    secrets = {it["Name"] for it in container(tasks["worker"], "worker")[
        "Secrets"]}
    assert ("DATABASE_URL" in secrets) == (given["Database"] == "rds")
    assert ("SMTP_PASSWORD" in secrets) == (given["Relay"] == "ses")
    port = environment(tasks["worker"], "worker")["SMTP_PORT"]
    assert port == {"ses": "587", "mailhog": "1025"}[given["Relay"]]
    settings = environment(tasks["worker"], "worker") | {
        "SMTP_PASSWORD": "x", "STATE_DIRECTORY": "/tmp"} | {
        key: "x" for key in secrets & {"SMTP_USERNAME"}}
    if given["Relay"] != "ses":
        del settings["SMTP_PASSWORD"]
    checked = subprocess.run([WORKER, "-t"], env=settings | {
        "PATH": os.environ["PATH"]}, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr


def test_urls(stacks):
    given = stacks["given"]
    secrets = all_of(stacks, "AWS::SecretsManager::Secret")
    broker = secrets["Broker.RabbitmqUrl"]["SecretString"]
    store = secrets["Store.RedisUrl"]["SecretString"]
    password = r"\{\{resolve:secretsmanager:@\w+\.\w+:SecretString:password\}\}"
    assert re.fullmatch({
        "container": rf"amqp://postrider:{password}"
                     r"@rabbitmq\.task-manager\.local:5672/",
        "amazonmq": rf"amqps://postrider:{password}@@Broker\S+/"}[
            given["RabbitMQ"]], broker)
    assert re.fullmatch({
        "container": rf"redis://:{password}"
                     r"@redis\.task-manager\.local:6379/0",
        "memorydb": rf"rediss://postrider:{password}@@Store\S+:6379/0"}[
            given["Redis"]], store)


def test_rabbitmq_as_we_ship_it():
    """advanced.config's figures, by words; and a node that keeps its name."""
    task = tasks_of(cloudformation.of())["rabbitmq"]
    words = environment(task, "rabbitmq")
    shipped = dict(re.findall(r"\{(\w+), (\d+)\}", (
        ROOT / "deploy/rabbitmq/advanced.config").read_text()))
    said_there = dict(re.findall(
        r"-rabbit (\w+) (\d+)", words["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"]))
    assert said_there == shipped and shipped
    assert words["RABBITMQ_NODENAME"] == "rabbit@localhost"


def test_redis_as_we_need_it():
    task = tasks_of(cloudformation.of())["redis"]
    command = container(task, "redis")["Command"][0]
    for need in ("--appendonly yes", "--appendfsync always",
                 "--maxmemory-policy noeviction", "flock --no-fork"):
        assert need in command


# -- least rights


def test_roles(stacks):
    for key, it in all_of(stacks, "AWS::IAM::Role").items():
        for policy in it.get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                assert statement["Resource"] == "@Cluster.Files.Arn", key
                assert statement["Condition"]["StringLike"][
                    "elasticfilesystem:AccessPointArn"].startswith("*/@")
    read = [resource for it in all_of(stacks, "AWS::IAM::Policy").values()
            for statement in it["PolicyDocument"]["Statement"]
            for resource in statement["Resource"]]
    assert not [it for it in read if "*" in it]
    asked = {secret["ValueFrom"].removesuffix("::").rpartition(":")[0]
             if secret["ValueFrom"].endswith("::") else secret["ValueFrom"]
             for task in all_of(stacks, TASK).values()
             for it in task["ContainerDefinitions"]
             for secret in it.get("Secrets", [])}
    assert asked <= set(read)


# -- the metrics


def test_first_key(rig):
    """What the task `keys` runs, and prints on its own."""
    command = container(tasks_of(cloudformation.of())["keys"], "keys")["Command"]
    assert command[0] == "postrider"
    assert "-t /image/usr/bin build/release/ctl/postrider" in dockerfile("api")
    made = subprocess.run([BUILD / "ctl" / "postrider", *command[1:]], text=True,
                          capture_output=True, env={
                              "REDIS_URL": rig.redis.url,
                              "RABBITMQ_URL": rig.amqp_url()})
    assert re.match(r"pr_[0-9a-f]{16}_[0-9a-f]{64}$", made.stdout.strip()), made


def test_metrics_of_a_real_worker(rig):
    """What the container beside the worker prints, each second."""
    for name, url in (("worker", rig.worker.url), ("api", rig.lighttpd.url)):
        it = container(tasks_of(cloudformation.of())[name], "metrics")
        shell = subprocess.Popen(
            [*it["EntryPoint"], it["Command"][0]], text=True,
            stdout=subprocess.PIPE, env={
                "PATH": os.environ["PATH"], "EVERY": "0.2",
                "STACK": "task-manager", "SERVICE": name, "AT": url})
        line = json.loads(shell.stdout.readline())
        shell.terminate()
        shell.stdout.close()
        assert shell.wait(20) == 0
        told = line["_aws"]["CloudWatchMetrics"][0]
        assert told["Namespace"] == "Postrider"
        assert [line[key] for key in told["Dimensions"][0]] == [
            "task-manager", name]
        metrics = {it["Name"]: line[it["Name"]] for it in told["Metrics"]}
        assert metrics["Ready"] == 1
        assert metrics.keys() >= {"worker": {"InHand"},
                                  "api": {"QueueDepth", "QueueAge"}}[name]


SETTINGS = {"METRICS_PUBLIC": "on"}
