import { createAclsApi, deleteAclsApi, describeAclsApi } from '@tributary/wire';
import { brokerError } from '../errors.ts';
import { operations, patternTypes, permissions, resourceTypes } from './acl-codes.ts';
import { type AdminContext, type Answers, controllerConnection, settleItems } from './context.ts';
import type { AclBinding, AclFilter, Admin } from './types.ts';

/** Failures are named by the index of their binding or filter. */
export function aclCalls(
  context: AdminContext,
): Pick<Admin, 'describeAcls' | 'createAcls' | 'deleteAcls'> {
  return {
    describeAcls: (filter, signal) => context.retry(() => describe(context, filter), signal),

    createAcls: (bindings, signal) =>
      settleItems(
        context,
        indexed(bindings),
        (left) => create(context, left),
        () => undefined,
        signal,
      ),

    deleteAcls: (filters, signal) =>
      settleItems(
        context,
        indexed(filters),
        (left) => remove(context, left),
        (deleted) => [...deleted.values()].flat(),
        signal,
      ),
  };
}

function indexed<T>(items: readonly T[]): Map<string, T> {
  return new Map(items.map((item, index) => [String(index), item]));
}

async function describe({ cluster }: AdminContext, filter: AclFilter): Promise<AclBinding[]> {
  const connection = await cluster.anyConnection();
  const { resourceName = null } = filter;
  const { principalFilter, hostFilter, ...codes } = filterCodes(filter);
  const response = await connection.request(describeAclsApi, {
    ...codes,
    resourceNameFilter: resourceName,
    principalFilter,
    hostFilter,
  });
  if (response.errorCode !== 0) {
    throw brokerError(response.errorCode, 'Cannot describe ACLs', response.errorMessage);
  }
  return response.resources.flatMap(({ acls, ...resource }) =>
    acls.map((acl) => bindingOf({ ...resource, ...acl })),
  );
}

async function create(
  context: AdminContext,
  bindings: ReadonlyMap<string, AclBinding>,
): Promise<Answers<null>> {
  const connection = await controllerConnection(context);
  const response = await connection.request(createAclsApi, {
    creations: [...bindings.values()].map((binding) => ({
      resourceType: resourceTypes.indexOf(binding.resourceType),
      resourceName: binding.resourceName,
      resourcePatternType: patternTypes.indexOf(binding.patternType),
      principal: binding.principal,
      host: binding.host,
      operation: operations.indexOf(binding.operation),
      permissionType: permissions.indexOf(binding.permission),
    })),
  });
  return new Map(
    [...bindings].flatMap(([key, { resourceType, resourceName, principal }], index) => {
      const result = response.results[index];
      if (result === undefined) return [];
      const what = `Cannot create the ACL of ${principal} on ${resourceType} "${resourceName}"`;
      const isFine = result.errorCode === 0;
      return [[key, isFine ? null : brokerError(result.errorCode, what, result.errorMessage)]];
    }),
  );
}

async function remove(
  context: AdminContext,
  filters: ReadonlyMap<string, AclFilter>,
): Promise<Answers<AclBinding[]>> {
  const connection = await controllerConnection(context);
  const response = await connection.request(deleteAclsApi, {
    filters: [...filters.values()].map((filter) => ({
      ...filterCodes(filter),
      resourceNameFilter: filter.resourceName ?? null,
    })),
  });
  const answers: Answers<AclBinding[]> = new Map();
  for (const [index, key] of [...filters.keys()].entries()) {
    const result = response.filterResults[index];
    if (result === undefined) continue;
    const failed = [result, ...result.matchingAcls].find(({ errorCode }) => errorCode !== 0);
    answers.set(
      key,
      failed === undefined
        ? result.matchingAcls.map(bindingOf)
        : brokerError(failed.errorCode, 'Cannot delete ACLs', failed.errorMessage),
    );
  }
  return answers;
}

function filterCodes(filter: AclFilter): {
  resourceTypeFilter: number;
  patternTypeFilter: number;
  principalFilter: string | null;
  hostFilter: string | null;
  operation: number;
  permissionType: number;
} {
  return {
    resourceTypeFilter: resourceTypes.indexOf(filter.resourceType ?? 'ANY'),
    patternTypeFilter: patternTypes.indexOf(filter.patternType ?? 'ANY'),
    principalFilter: filter.principal ?? null,
    hostFilter: filter.host ?? null,
    operation: operations.indexOf(filter.operation ?? 'ANY'),
    permissionType: permissions.indexOf(filter.permission ?? 'ANY'),
  };
}

function bindingOf(acl: {
  resourceType: number;
  resourceName: string;
  patternType: number;
  principal: string;
  host: string;
  operation: number;
  permissionType: number;
}): AclBinding {
  const { resourceName, principal, host } = acl;
  return {
    resourceType: resourceTypes[acl.resourceType] ?? 'UNKNOWN',
    resourceName,
    patternType: patternTypes[acl.patternType] ?? 'UNKNOWN',
    principal,
    host,
    operation: operations[acl.operation] ?? 'UNKNOWN',
    permission: permissions[acl.permissionType] ?? 'UNKNOWN',
  };
}
