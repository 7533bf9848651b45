import type { JsonObject } from '../json.ts';
import type { Call } from '../provider.ts';

/** The common built-in roles, as Azure's documentation lists them. Their ids are the same in all tenants. */
const roles: readonly (readonly [name: string, id: string])[] = [
  ['AcrDelete', 'c2f4ef07-c644-48eb-af81-4b1b4947fb11'],
  ['AcrPull', '7f951dda-4ed3-4680-a7ca-43fe172d538d'],
  ['AcrPush', '8311e382-0749-4cb8-b61a-304f252e45ec'],
  ['API Management Service Contributor', '312a565d-c81f-4fd8-895a-4e21e48d571c'],
  ['App Configuration Data Owner', '5ae67dd6-50cb-40e7-96ff-dc2bfa4b606b'],
  ['App Configuration Data Reader', '516239f1-63e1-4d78-a4de-a74fb236a071'],
  ['Azure Event Hubs Data Owner', 'f526a384-b230-433a-b45c-95f59c4a2dec'],
  ['Azure Event Hubs Data Receiver', 'a638d3c7-ab3a-418d-83e6-5f17a39d4fde'],
  ['Azure Event Hubs Data Sender', '2b629674-e913-4c01-ae53-ef4638d8f975'],
  ['Azure Kubernetes Service Cluster Admin Role', '0ab0b1a8-8aac-4efd-b8c2-3ee1fb270be8'],
  ['Azure Kubernetes Service Cluster User Role', '4abbcc35-e782-43d8-92c5-2d3f1bd2253f'],
  ['Azure Service Bus Data Owner', '090c5cfd-751d-490a-894a-3ce6f1109419'],
  ['Azure Service Bus Data Receiver', '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0'],
  ['Azure Service Bus Data Sender', '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39'],
  ['Backup Contributor', '5e467623-bb1f-42f4-a55d-6e525e11384b'],
  ['Cognitive Services Contributor', '25fbc0a9-bd7c-42a3-aa1a-3b75d497ee68'],
  ['Cognitive Services User', 'a97b65f3-24c7-4388-baec-2e87135dc908'],
  ['Contributor', 'b24988ac-6180-42a0-ab88-20f7382dd24c'],
  ['Cosmos DB Account Reader Role', 'fbdf93bf-df7d-467e-a4d2-9458aa1360c8'],
  ['Data Factory Contributor', '673868aa-7521-48a0-acc6-0f60742d39f5'],
  ['DNS Zone Contributor', 'befefa01-2a29-4197-83a8-272ff33ce314'],
  ['DocumentDB Account Contributor', '5bd9cd88-fe45-4216-938b-f97437e15450'],
  ['Key Vault Administrator', '00482a5a-887f-4fb3-b363-3b7fe8e74483'],
  ['Key Vault Certificates Officer', 'a4417e6f-fecd-4de8-b567-7b0420556985'],
  ['Key Vault Contributor', 'f25e0fa2-a7c8-4377-a976-54943a77a395'],
  ['Key Vault Crypto Officer', '14b46e9e-c2b7-41b4-b07b-48a6ebf60603'],
  ['Key Vault Crypto Service Encryption User', 'e147488a-f6f5-4113-8e2d-b22465e65bf6'],
  ['Key Vault Crypto User', '12338af0-0e69-4776-bea7-57ae8d297424'],
  ['Key Vault Reader', '21090545-7ca7-4776-b22c-e363652d74d2'],
  ['Key Vault Secrets Officer', 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'],
  ['Key Vault Secrets User', '4633458b-17de-408a-b874-0445c86b69e6'],
  ['Log Analytics Contributor', '92aaf0da-9dab-42b6-94a3-d43ce8d16293'],
  ['Log Analytics Reader', '73c42c96-874c-492b-b04d-ab87d138a893'],
  ['Managed Identity Contributor', 'e40ec5ca-96e0-45a2-b4ff-59039f2c2b59'],
  ['Managed Identity Operator', 'f1a07417-d97a-45cb-824c-7a7467783830'],
  ['Monitoring Metrics Publisher', '3913510d-42f4-4e42-8a64-420c390055eb'],
  ['Network Contributor', '4d97b98b-1d4f-4787-a291-c67834d212e7'],
  ['Owner', '8e3af657-a8ff-443c-a75c-2fe8c4bcb635'],
  ['Reader', 'acdd72a7-3385-48ef-bd42-f606fba81ae7'],
  ['Role Based Access Control Administrator', 'f58310d9-a9f6-439a-9e8d-f62e7b41a168'],
  ['Search Index Data Contributor', '8ebe5a00-799e-43f5-93ac-243d3dce84a7'],
  ['Search Service Contributor', '7ca78c08-252a-4471-8644-bb5ff32d4ba0'],
  ['Storage Account Contributor', '17d1049b-9a84-46fb-8f53-869881c3d3ab'],
  ['Storage Account Key Operator Service Role', '81a9662b-bebf-436f-a333-f67b29880f12'],
  ['Storage Blob Data Contributor', 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'],
  ['Storage Blob Data Owner', 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'],
  ['Storage Blob Data Reader', '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'],
  ['Storage File Data SMB Share Contributor', '0c867c2a-1d8c-454a-a3db-ab2ea1bdc8bb'],
  ['Storage Queue Data Contributor', '974c5e8b-45b9-4653-ba55-5f855dd0fb88'],
  ['Storage Queue Data Message Sender', 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a'],
  ['Storage Table Data Contributor', '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'],
  ['User Access Administrator', '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9'],
  ['Virtual Machine Contributor', '9980e02c-c2be-4d73-94e8-173b1dc7cf3c'],
];

/** The built-in roles in a list of role definitions, limited to the name in `$filter`. */
export function builtInRoles({ target, query }: Call): JsonObject[] {
  const wanted = /roleName eq '((?:[^']|'')*)'/i.exec(query.get('$filter') ?? '')?.[1]?.replaceAll("''", "'");
  return roles
    .filter(([roleName]) => wanted === undefined || roleName.toLowerCase() === wanted.toLowerCase())
    .map(([roleName, name]) => ({
      id: `/subscriptions/${target.subscription}/providers/Microsoft.Authorization/roleDefinitions/${name}`,
      name,
      type: 'Microsoft.Authorization/roleDefinitions',
      properties: { roleName, type: 'BuiltInRole', assignableScopes: ['/'] },
    }));
}
