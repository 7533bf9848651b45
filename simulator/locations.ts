/** Azure's public regions by display name; the short name is the same without spaces and in lower case. */
const displayNames = [
  'East US',
  'East US 2',
  'South Central US',
  'West US',
  'West US 2',
  'West US 3',
  'Central US',
  'North Central US',
  'West Central US',
  'Canada Central',
  'Canada East',
  'Brazil South',
  'Brazil Southeast',
  'Mexico Central',
  'Chile Central',
  'North Europe',
  'West Europe',
  'UK South',
  'UK West',
  'France Central',
  'France South',
  'Germany West Central',
  'Germany North',
  'Norway East',
  'Norway West',
  'Sweden Central',
  'Sweden South',
  'Switzerland North',
  'Switzerland West',
  'Poland Central',
  'Italy North',
  'Spain Central',
  'Austria East',
  'Australia East',
  'Australia Southeast',
  'Australia Central',
  'Australia Central 2',
  'New Zealand North',
  'East Asia',
  'Southeast Asia',
  'Japan East',
  'Japan West',
  'Korea Central',
  'Korea South',
  'Central India',
  'South India',
  'West India',
  'Jio India West',
  'Jio India Central',
  'Indonesia Central',
  'Malaysia West',
  'UAE North',
  'UAE Central',
  'Qatar Central',
  'Israel Central',
  'South Africa North',
  'South Africa West',
  'Central US EUAP',
  'East US 2 EUAP',
] as const;

const byShortName: ReadonlyMap<string, string> = new Map(displayNames.map((name) => [shortLocation(name), name]));

/** The short name of a location: `westus2` for `West US 2` and for `westus2`. */
export function shortLocation(location: string): string {
  return location.replaceAll(' ', '').toLowerCase();
}

/** The display name of a location: `West US 2` for `westus2`; unknown regions as they are written. */
export function displayLocation(location: string): string {
  return byShortName.get(shortLocation(location)) ?? location;
}

/** Whether Azure has such a region. */
export function isKnownLocation(location: string): boolean {
  return byShortName.has(shortLocation(location));
}

/** Short names of all regions, for error messages. */
export function knownLocations(): string[] {
  return [...byShortName.keys()];
}
