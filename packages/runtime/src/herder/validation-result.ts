/** The JSON of `/validate`, member by member. Source: Kafka Connect `ConfigInfos`. */

export interface ValidationResult {
  name: string;
  error_count: number;
  groups: string[];
  configs: ConfigValueInfo[];
}

export interface ConfigValueInfo {
  /** Null for a value that nothing defines. */
  definition: {
    name: string;
    type: string;
    required: boolean;
    default_value: string | null;
    importance: string;
    documentation: string;
    group: string | null;
    order_in_group: number;
    width: string;
    display_name: string;
    dependents: string[];
  } | null;
  value: {
    name: string;
    value: string | null;
    recommended_values: string[];
    errors: string[];
    visible: boolean;
  };
}
