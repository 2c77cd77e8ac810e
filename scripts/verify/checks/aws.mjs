/**
 * deploy/aws: the three forms of the policy grant the same, no more than the agent calls; those of the queue of changes
 * too; and their tools accept them.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const template = 'deploy/aws/cloudformation/federation-agent-role.yaml';
const changesTemplate = 'deploy/aws/cloudformation/federation-agent-changes.yaml';
const modules = ['deploy/aws/terraform/main.tf', 'deploy/aws/terraform/changes/main.tf'];

/**
 * What a text grants of API Gateway: the resources after each action, in whatever form it is written.
 *
 * @param {string} text
 */
const grantsIn = (text) => {
  const found = [
    ...text.matchAll(
      /apigateway:(GET|POST|DELETE|List\w+)\b|(?:apigateway:\*:\*?:|local\.apigateway\})(\/[\w/*]+)/g,
    ),
  ];
  /** @type {string[]} */
  const grants = [];
  let verb = '';
  for (const [, action, path] of found) {
    if (action !== undefined) verb = action;
    else grants.push(`${verb} ${path}`);
  }
  return grants.sort();
};

/** @type {import('./types.d.ts').Check[]} */
export const checks = [
  {
    name: 'aws: the policies, CloudFormation and Terraform grant the same',
    needs: [],
    run: async ({ checkout }) => {
      const files = ['deploy/aws/policy.json', template, 'deploy/aws/terraform/main.tf'];
      const texts = await Promise.all(files.map((file) => readFile(join(checkout, file), 'utf8')));
      // The templates have the optional statements too, off by default.
      const reach = grantsIn(await readFile(join(checkout, 'deploy/aws/reach-policy.json'), 'utf8'));
      const [minimum = [], ...others] = texts.map(grantsIn);
      const policy = [...minimum, ...reach].sort();
      others.forEach((grants, index) => {
        if (grants.join('\n') !== policy.join('\n'))
          throw new Error(
            `${files[index + 1]} grants\n${grants.join('\n')}\nand the policy\n${policy.join('\n')}`,
          );
      });
      return `${policy.length} resources`;
    },
  },
  {
    name: 'aws: who reads the queue of changes may do the same in every form',
    needs: [],
    run: async ({ checkout }) => {
      const files = [
        'deploy/aws/changes-policy.json',
        changesTemplate,
        'deploy/aws/terraform/changes/main.tf',
      ];
      const texts = await Promise.all(files.map((file) => readFile(join(checkout, file), 'utf8')));
      const actions = texts.map((text) =>
        [...text.matchAll(/sqs:(?!SendMessage)\w+/g)].map(([action]) => action).sort(),
      );
      const [first = []] = actions;
      for (const [index, found] of actions.entries()) {
        if (found.join() !== first.join()) throw new Error(`${files[index]} allows ${found.join(', ')}`);
      }
      return first.join(', ');
    },
  },
  {
    name: 'aws: cfn-lint',
    needs: ['cfn-lint'],
    run: async ({ tool, must }) => {
      await must(tool('cfn-lint'), ['--non-zero-exit-code', 'informational', template, changesTemplate]);
      return undefined;
    },
  },
  {
    name: 'aws: the Terraform module is read by an HCL parser',
    needs: ['python-hcl2'],
    run: async ({ tool, must }) => {
      const read =
        'import hcl2, sys\nwith open(sys.argv[1]) as f: d = hcl2.load(f)\nprint(len(d["resource"]), len(d["variable"]))';
      for (const module of modules) await must(tool('python-hcl2'), ['-c', read, module]);
      return 'terraform itself needs its AWS provider, which is no part of the registries that these tools come from';
    },
  },
];
