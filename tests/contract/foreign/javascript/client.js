// A reimage with Azure's own client for JavaScript, one command per line (see foreign_clients.py).
import { createInterface } from "node:readline";
import { ComputeManagementClient, restorePoller } from "@azure/arm-compute";

const [endpoint, subscription, group, name] = process.argv.slice(2);
const credential = {
  getToken: async () => ({ token: "static", expiresOnTimestamp: Date.now() + 3_600_000 }),
};
const client = new ComputeManagementClient(credential, subscription, { endpoint });
const machines = client.virtualMachines;

async function show() {
  const vm = await machines.get(group, name, { expand: "instanceView" });
  return {
    vm_id: vm.vmId,
    os_disk: vm.storageProfile.osDisk.managedDisk.id,
    statuses: vm.instanceView.statuses.map((status) => status.code),
  };
}

async function names() {
  const found = [];
  for await (const vm of machines.list(group)) {
    found.push(vm.name);
  }
  return found;
}

async function ended(poller) {
  try {
    await poller.pollUntilDone();
    return { code: "", text: "" };
  } catch (error) {
    return { code: error.code ?? "", text: error.message };
  }
}

async function interrupted() {
  const poller = machines.reimage(group, name);
  await poller.submitted();
  await poller.poll();
  return { token: await poller.serialize(), done: poller.isDone };
}

function created(body) {
  const { properties, ...rest } = JSON.parse(body);
  return ended(machines.createOrUpdate(group, name, { ...rest, ...properties }));
}

const commands = {
  show,
  names,
  reimage: async () => ended(machines.reimage(group, name)),
  create: created,
  delete: async () => ended(machines.delete(group, name)),
  interrupted,
  resume: async (token) => ended(restorePoller(client, token, machines.reimage)),
};

for await (const line of createInterface({ input: process.stdin })) {
  const command = line.split(" ", 1)[0];
  const answer = await commands[command](line.slice(command.length + 1));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
