/** The names under which the page knows the API's values. The only place that looks into the generated file. */
import type { components } from './openapi';

type Schemas = components['schemas'];

export type Session = Schemas['Session'];
export type Office = Schemas['Office'];
export type Identity = Schemas['Identity'];
export type Person = Schemas['Person'];
export type Phone = Schemas['Phone'];
export type Base = Schemas['Base'];
export type Trunk = Schemas['Trunk'];
export type TrunkChange = Schemas['TrunkChange'];
export type Inbound = Schemas['Inbound'];
export type RingGroup = Schemas['RingGroup'];
export type Contact = Schemas['Contact'];
export type Finding = Schemas['Finding'];
export type RevisionEntry = Schemas['RevisionEntry'];
export type Difference = Schemas['Difference'];
export type LiveSnapshot = Schemas['LiveSnapshot'];
export type PersonView = Schemas['PersonView'];
export type RegistrationView = Schemas['RegistrationView'];
export type CallView = Schemas['CallView'];
export type TrunkView = Schemas['TrunkView'];
export type ProblemView = Schemas['ProblemView'];
export type SettingsState = Schemas['SettingsState'];
export type DeviceView = Schemas['DeviceView'];
export type CallLogEntry = Schemas['CallLogEntry'];
export type BillComparison = Schemas['BillComparison'];
export type ComparedBilled = Schemas['ComparedBilled'];
export type ComparedOwn = Schemas['ComparedOwn'];
export type ComparedPair = Schemas['ComparedPair'];
export type LegQuality = Schemas['LegQuality'];
export type HandPassword = Schemas['HandPassword'];
export type SoftphoneLink = Schemas['SoftphoneLink'];
export type Outcome = Schemas['Outcome'];
export type Direction = Schemas['Direction'];
export type Severity = Schemas['Severity'];
export type Country = Identity['country'];
